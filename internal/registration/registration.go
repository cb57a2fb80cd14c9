// Package registration makes an athlete of an e-mail address: the address is kept by internal/auth, outside the log, and
// the person is an aggregate. Both steps can be repeated, so a crash between them leaves nothing half done.
package registration

import (
	"context"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
)

// Register answers the athlete's id. The address must have been proven, or be given by the operator.
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
	return identity.AthleteID, d.Settle(ctx, result)
}
