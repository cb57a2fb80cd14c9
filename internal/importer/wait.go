package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"strings"

	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
)

// Await waits until the rides that were recorded are matched and the boards show them, and fills in what they brought. An
// item whose matching takes longer stays queued.
func (im *Importer) Await(ctx context.Context, items []Item) error {
	for i := range items {
		item := &items[i]
		if item.Status != Queued {
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
	return nil
}

// BringAndWait is Bring and Await.
func (im *Importer) BringAndWait(ctx context.Context, up Upload) ([]Item, error) {
	items, err := im.Bring(ctx, up)
	if err == nil {
		err = im.Await(ctx, items)
	}
	return items, err
}

func (im *Importer) outcome(ctx context.Context, item *Item) error {
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
