package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// mailboxSize is how many mails the development mailbox keeps: one to each athlete of a demo season, and more.
const mailboxSize = 1000

// Mailbox is the development mailbox: a Mailer that keeps mails in the database instead of sending them.
type Mailbox struct{ Pool *pgxpool.Pool }

// Kept is a mail in the mailbox.
type Kept struct {
	ID        uuid.UUID
	Recipient string
	Subject   string
	Plain     string
	HTML      string `db:"html"`
	SentAt    time.Time
}

// MailboxAllowed says whether the development mailbox may be shown, by the address that the server listens on: whoever
// sees it can sign in as anybody, so either only this machine can, or the operator has said that this is development.
func MailboxAllowed(listen string, dev bool) bool {
	if dev {
		return true
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Send keeps the mail, one of the same id once, and lets go of the oldest when there are too many.
func (m Mailbox) Send(ctx context.Context, mail Mail) error {
	_, err := m.Pool.Exec(ctx, `
		insert into dev_mails (id, recipient, subject, plain, html, sent_at) values ($1, $2, $3, $4, $5, clock_timestamp())
		on conflict (id) do nothing`,
		or(mail.ID, uuid.Must(uuid.NewV7())), mail.To, mail.Subject, mail.Text, mail.HTML)
	if err != nil {
		return fmt.Errorf("development mailbox: %w", err)
	}
	_, err = m.Pool.Exec(ctx, `
		delete from dev_mails where id in (select id from dev_mails order by sent_at desc, id desc offset $1)`, mailboxSize)
	if err != nil {
		return fmt.Errorf("development mailbox: %w", err)
	}
	return nil
}

// Mails lists what was sent to an address (to anybody, where it is empty), newest first, at most limit.
func (m Mailbox) Mails(ctx context.Context, recipient string, limit int) ([]Kept, error) {
	rows, err := m.Pool.Query(ctx, `
		select * from dev_mails where $1 = '' or lower(recipient) = lower($1) order by sent_at desc, id desc limit $2`, recipient, limit)
	if err != nil {
		return nil, fmt.Errorf("development mailbox: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Kept])
}

// Mail is one of them; false when there is none of this id.
func (m Mailbox) Mail(ctx context.Context, id uuid.UUID) (Kept, bool, error) {
	rows, err := m.Pool.Query(ctx, `select * from dev_mails where id = $1`, id)
	if err != nil {
		return Kept{}, false, fmt.Errorf("development mailbox: %w", err)
	}
	mail, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Kept])
	if errors.Is(err, pgx.ErrNoRows) {
		return Kept{}, false, nil
	}
	return mail, err == nil, err
}
