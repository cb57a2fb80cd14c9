package auth

import (
	"context"

	"segmentchallenge/internal/actor"
)

type (
	contextKey struct{} // actor.Actor
	sessionKey struct{} // hash of the session's token, []byte
)

// WithActor puts who is asking into a context.
func WithActor(ctx context.Context, a actor.Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, a)
}

// Actor is who is asking; a visitor when nobody has signed in.
func Actor(ctx context.Context) actor.Actor {
	a, _ := ctx.Value(contextKey{}).(actor.Actor)
	return a
}
