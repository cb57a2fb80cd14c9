package demo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/auth"
)

// client brings the riders' files to the site, over HTTP with API tokens, as their devices' services would.
type client struct {
	address  string // http://127.0.0.1:8080
	accounts *auth.Service
	http     *http.Client

	mu     sync.Mutex
	tokens map[uuid.UUID]string
}

func newClient(address string, accounts *auth.Service) *client {
	return &client{address: address, accounts: accounts, tokens: map[uuid.UUID]string{},
		http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: uploadsAtOnce, IdleConnTimeout: time.Minute}}}
}

// outcome is what the site says of an upload.
type outcome struct {
	code    string // why it wasn't taken; empty: it was
	efforts []effort
	refused []refusedEffort
}

type effort struct{ StageName string }

type refusedEffort struct {
	Stage, Code, Detail string
}

// bring uploads a file and waits until it is matched.
func (c *client) bring(ctx context.Context, p *person, f file) (outcome, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", f.name)
	if err == nil {
		_, err = part.Write(f.data)
	}
	for name, value := range f.fields {
		err = errors.Join(err, form.WriteField(name, value))
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return outcome{}, err
	}
	answer, err := c.post(ctx, p, "/api/v1/activities?wait=true", form.FormDataContentType(), body.Bytes())
	if err != nil {
		return outcome{}, err
	}
	defer answer.Body.Close()
	return read(answer)
}

func read(answer *http.Response) (outcome, error) {
	var said struct {
		Code  string
		Items []struct {
			Code    string
			Efforts []effort
			Refused []refusedEffort
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		return outcome{}, fmt.Errorf("the site answered %s: %w", answer.Status, err)
	}
	if answer.StatusCode >= 500 || answer.StatusCode == http.StatusUnauthorized {
		return outcome{}, fmt.Errorf("the site answered %s (%s)", answer.Status, said.Code)
	}
	out := outcome{code: said.Code}
	for _, item := range said.Items {
		out.code = cmp.Or(out.code, item.Code)
		out.efforts, out.refused = append(out.efforts, item.Efforts...), append(out.refused, item.Refused...)
	}
	return out, nil
}

// join enters a challenge.
func (c *client) join(ctx context.Context, p *person, challenge string) error {
	answer, err := c.post(ctx, p, "/api/v1/challenges/"+challenge+"/join", "application/json", []byte("{}"))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode < 300 {
		return err
	}
	return fmt.Errorf("%s can't join %s: %s", p.name, challenge, answer.Status)
}

// post sends a request, again and again while the site asks to wait, and once more with another token where somebody has
// revoked the first.
func (c *client) post(ctx context.Context, p *person, path, kind string, body []byte) (*http.Response, error) {
	for renewed := false; ; {
		token, err := c.token(ctx, p)
		if err != nil {
			return nil, err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address+path, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := c.http.Do(r)
		if err != nil {
			return nil, err
		}
		switch {
		case answer.StatusCode == http.StatusUnauthorized && !renewed:
			renewed = true
			c.forget(p)
		case answer.StatusCode == http.StatusTooManyRequests:
			seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After")) // no number: a second
			err = sleep(ctx, time.Duration(max(1, seconds))*time.Second)
		default:
			return answer, nil
		}
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			return nil, err
		}
	}
}

func (c *client) forget(p *person) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tokens, p.id)
}

const tokenName = "Rides of the demo"

// token is the person's key to the API. The one of an earlier run is lost with that run, and is taken back.
func (c *client) token(ctx context.Context, p *person) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if secret, ok := c.tokens[p.id]; ok {
		return secret, nil
	}
	old, err := c.accounts.Tokens(ctx, p.id)
	if err != nil {
		return "", err
	}
	for _, t := range old {
		if t.Name == tokenName {
			if err := c.accounts.RevokeToken(ctx, p.id, t.ID); err != nil {
				return "", err
			}
		}
	}
	_, secret, err := c.accounts.CreateToken(ctx, p.id, tokenName)
	if err == nil {
		c.tokens[p.id] = secret
	}
	return secret, err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
