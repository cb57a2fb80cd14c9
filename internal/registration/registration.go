// Package registration makes an athlete of an e-mail address: the address is kept by internal/auth, outside the log, and
// the person is an aggregate. Each step can be repeated, so a crash between them, or a form sent twice, leaves nothing half
// done.
package registration

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
)

// Register answers the athlete's id; for an address that has its athlete already that one, unchanged. The address must
// have been proven, or be given by the operator. When the read models need longer to show the athlete, the registration
// stands nevertheless.
func Register(ctx context.Context, accounts *auth.Service, d *dispatch.Dispatcher, email string, profile athletes.Profile) (uuid.UUID, error) {
	identity, err := accounts.Reserve(ctx, email)
	if err != nil {
		return uuid.Nil, err
	}
	head := athletes.Head{ID: identity.AthleteID, By: actor.System, Now: time.Now()}
	result, err := d.Send(ctx, athletes.Register{Head: head, Profile: profile}, eventstore.Meta{})
	if err != nil {
		return uuid.Nil, err
	}
	if err := accounts.Claim(ctx, email, identity.AthleteID); err != nil {
		return uuid.Nil, err
	}
	var behind *dispatch.CatchingUpError
	if err := d.Settle(ctx, result); err != nil && !errors.As(err, &behind) {
		return uuid.Nil, err
	}
	return identity.AthleteID, nil
}
