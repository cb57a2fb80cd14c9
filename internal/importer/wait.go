package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
)

// Show waits until the rides that were recorded can be read, whether they are matched or not.
func (im *Importer) Show(ctx context.Context, items []Item) error {
	var last dispatch.Result
	for _, item := range items {
		if item.recorded.Last > last.Last {
			last = item.recorded
		}
	}
	var behind *dispatch.CatchingUpError
	if err := im.Dispatch.Settle(ctx, last); err != nil && !errors.As(err, &behind) {
		return err
	}
	return nil
}

// awaitAtMost is how long Await waits for all of an upload together: rides are matched in the end, waited for or not.
const awaitAtMost = time.Minute

// Await waits until the rides that were recorded are matched and the boards show them, and fills in what they brought. An
// item whose matching takes longer stays queued.
func (im *Importer) Await(ctx context.Context, items []Item) error {
	enough := time.Now().Add(awaitAtMost)
	for i := range items {
		item := &items[i]
		if item.Status != Queued || time.Now().After(enough) {
			continue
		}
		var behind *dispatch.CatchingUpError
		err := im.Dispatch.SettleImport(ctx, item.recorded)
		if errors.As(err, &behind) {
			continue
		}
		if err != nil {
			return err
		}
		if err := im.outcome(ctx, item); err != nil {
			return err
		}
	}
	return im.Show(ctx, items)
}

// BringAndWait is Bring and Await.
func (im *Importer) BringAndWait(ctx context.Context, up Upload) ([]Item, error) {
	items, err := im.Bring(ctx, up)
	if err == nil {
		err = im.Await(ctx, items)
	}
	return items, err
}

// outcome reads what matching brought. Nothing, where it failed and waits for the operator, or the ride is deleted again.
func (im *Importer) outcome(ctx context.Context, item *Item) error {
	activity, err := readmodel.ActivityByID(ctx, im.Pool, actor.System, item.ID)
	if refusal.All(err) != nil || err == nil && activity.MatchedAt == nil {
		return nil
	}
	if err != nil {
		return err
	}
	efforts, err := readmodel.EffortsOfActivity(ctx, im.Pool, item.ID)
	if err != nil {
		return err
	}
	item.Status = Processed
	for _, e := range efforts {
		if e.Status == "accepted" {
			item.Efforts = append(item.Efforts, e)
		} else {
			item.Refused = append(item.Refused, e)
		}
	}
	return nil
}

// Words says in a line what became of an item.
func (i Item) Words() string {
	out := []string{string(i.Status)}
	if i.Detail != "" {
		out = append(out, i.Detail)
	}
	for _, e := range i.Efforts {
		out = append(out, fmt.Sprintf("%s, %s: %s", e.ChallengeName, e.StageName, e.Elapsed.Duration()))
	}
	for _, e := range i.Refused {
		out = append(out, fmt.Sprintf("%s, %s: doesn't count. %s", e.ChallengeName, e.StageName, e.Reason))
	}
	if i.Status == Processed && len(i.Efforts)+len(i.Refused) == 0 {
		out = append(out, "no stage of yours lies on this ride")
	}
	return strings.Join(out, "; ")
}

func gzipped(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}
