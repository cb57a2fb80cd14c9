package sport

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Value makes a Local a value for columns of type timestamp (without time zone); the zero Local is null.
func (l Local) Value() (driver.Value, error) {
	if l.IsZero() {
		return nil, nil
	}
	return l.t, nil
}

// Scan is the inverse of Value.
func (l *Local) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*l = Local{}
	case time.Time:
		*l = LocalFromDB(v)
	default:
		return fmt.Errorf("a local time can't be read from a %T", src)
	}
	return nil
}
