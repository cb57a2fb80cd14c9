package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

const (
	maxUpload  = 256 << 20       // bytes of one request with files; the guard stops what is larger
	maxRide    = 50 << 20        // bytes of one file that is no archive
	keptFiles  = 8 << 20         // bytes of a request's files that stay in memory; the rest waits on disk for its turn
	uploadWait = 8 * time.Second // for the matching of what was brought; what takes longer is shown as being read
	latestShow = 10              // rides below the form
)

var (
	errNoFile     = refusal.Field("files", "file_missing", "Choose a file first.")
	errUnreadable = refusal.Of(refusal.Malformed, "upload_cut_off", "The upload arrived incomplete, so nothing of it was taken. Try again.")
	errSignedOut  = "You aren't signed in any more. Sign in, in another tab if you like, and try again."
)

func (s *Server) uploadPage(w http.ResponseWriter, r *http.Request) error {
	return s.showUpload(w, r, http.StatusOK, pages.UploadView{Types: uploadTypes("")})
}

// showUpload fills in the athlete's latest rides, without those that were just sent.
func (s *Server) showUpload(w http.ResponseWriter, r *http.Request, status int, v pages.UploadView) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	rides, _, err := readmodel.Activities(r.Context(), s.Pool, readmodel.ActivityFilter{Viewer: who.Actor, AthleteID: who.AthleteID, Limit: latestShow})
	if err != nil {
		return err
	}
	fresh := map[string]bool{}
	for _, u := range v.Fresh {
		fresh[u.ID] = true
		v.Waiting = v.Waiting || u.State == "reading"
	}
	for _, ride := range rides {
		if fresh[ride.ID.String()] {
			continue
		}
		view, err := s.outcome(r.Context(), who, ride)
		if err != nil {
			return err
		}
		v.Latest = append(v.Latest, view)
	}
	competes, err := readmodel.ChallengesOf(r.Context(), s.Pool, who.AthleteID)
	if err != nil {
		return err
	}
	v.NoChallenge = len(competes) == 0
	return s.render(w, r, status, layout.Page{Title: "Upload rides", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.Upload(p, v) })
}

// upload brings files. The page's script sends each on its own and wants outcomes alone; without it the whole page answers.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	scripted := r.Header.Get("X-Upload") != ""
	if !viewer(r).SignedIn() {
		if scripted {
			return s.fragment(w, r, http.StatusUnauthorized, pages.UploadProblem(errSignedOut))
		}
		return s.askToSignIn(w, r)
	}
	if err := r.ParseMultipartForm(keptFiles); err != nil {
		return unreadableForm(err)
	}
	defer r.MultipartForm.RemoveAll() // frees what waits on disk; failing to is the system's to clean up
	up, sent, err := uploadOf(r)
	if err != nil {
		return s.refuseUpload(w, r, scripted, up, err)
	}
	items, err := s.bring(r.Context(), up, sent)
	if err != nil {
		return err
	}
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	v := pages.UploadView{Types: uploadTypes(up.Type), Private: up.Private, Commute: up.Commute}
	for _, item := range items {
		view, err := s.itemOutcome(r.Context(), who, item)
		if err != nil {
			return err
		}
		v.Fresh = append(v.Fresh, view)
	}
	if scripted {
		return s.fragment(w, r, uploadStatus(items), pages.UploadFresh(v.Fresh))
	}
	return s.showUpload(w, r, uploadStatus(items), v)
}

// uploadTypes leaves the type to the file unless one is chosen.
func uploadTypes(chosen sport.ActivityType) []ui.Option {
	return typeOptions(chosen, "As the file says")
}

// unreadableForm tells a body that was cut off or is no form from one that is too large and from a fault of ours.
func unreadableForm(err error) error {
	var tooLarge *http.MaxBytesError
	var disk *os.PathError
	if errors.As(err, &tooLarge) || errors.As(err, &disk) {
		return err
	}
	return errUnreadable
}

// uploadOf reads what is said of all files.
func uploadOf(r *http.Request) (importer.Upload, []*multipart.FileHeader, error) {
	by := viewer(r)
	up := importer.Upload{AthleteID: by.AthleteID, By: by, Type: sport.ActivityType(r.FormValue("type")),
		Private: r.FormValue("private") != "", Commute: r.FormValue("commute") != ""}
	sent := r.MultipartForm.File["files"]
	var err error
	if up.Type != "" && !up.Type.Valid() {
		err, up.Type = activities.ErrTypeUnknown, ""
	}
	if len(sent) == 0 {
		err = errors.Join(errNoFile, err)
	}
	return up, sent, err
}

func (s *Server) refuseUpload(w http.ResponseWriter, r *http.Request, scripted bool, up importer.Upload, err error) error {
	said, ok := problemsOf(err)
	if !ok {
		return err
	}
	if scripted {
		return s.fragment(w, r, http.StatusUnprocessableEntity, pages.UploadProblem(said.summary("files", "type")[0].Text))
	}
	return s.showUpload(w, r, http.StatusUnprocessableEntity, pages.UploadView{Types: uploadTypes(up.Type),
		Private: up.Private, Commute: up.Commute, TypeError: said["type"], Errors: said.summary("files", "type")})
}

// bring takes one file after the other, so that little of an upload is in memory at once, and then waits for all of them
// together.
func (s *Server) bring(ctx context.Context, up importer.Upload, sent []*multipart.FileHeader) ([]importer.Item, error) {
	var items []importer.Item
	for _, file := range sent {
		brought, err := s.bringFile(ctx, up, file)
		if ctx.Err() != nil {
			return nil, ctx.Err() // the athlete has gone; what was recorded stays
		}
		items = append(items, brought...)
		if err != nil { // a fault of ours with one file must not lose the others
			s.Log.ErrorContext(ctx, "upload failed", "file", file.Filename, "error", err)
			items = append(items, notTaken(file.Filename, refusal.New("internal_error", "Something broke on our side while this file was read. Try it once more.")))
		}
	}
	waiting, cancel := context.WithTimeout(ctx, uploadWait)
	defer cancel()
	if err := s.Importer.Await(waiting, items); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	return items, nil
}

func (s *Server) bringFile(ctx context.Context, up importer.Upload, sent *multipart.FileHeader) ([]importer.Item, error) {
	if err := s.reading.Acquire(ctx, min(sent.Size+1, maxUpload)); err != nil {
		return nil, err
	}
	defer s.reading.Release(min(sent.Size+1, maxUpload))
	file, err := sent.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if sent.Size > maxRide && !isArchive(file) {
		return []importer.Item{notTaken(sent.Filename, rideTooLarge())}, nil
	}
	if up.Data, err = io.ReadAll(file); err != nil {
		return nil, err
	}
	up.File = sent.Filename
	return s.Importer.Bring(ctx, up)
}

func rideTooLarge() *refusal.Error {
	return activities.ErrFileTooLarge.Because(fmt.Sprintf("This file is larger than %d MB, which is more than an activity needs.", maxRide>>20))
}

// isArchive looks at the first bytes: zip archives alone may be larger than one ride.
func isArchive(file multipart.File) bool {
	head := make([]byte, 4)
	_, err := file.ReadAt(head, 0)
	return err == nil && bytes.HasPrefix(head, []byte("PK\x03\x04"))
}

func notTaken(file string, why *refusal.Error) importer.Item {
	return importer.Item{File: file, Status: importer.Refused, Code: why.Code, Detail: why.Detail, Refusal: why}
}

// uploadStatus is 200 where something was taken or known; else it is that of the only refusal, or 422.
func uploadStatus(items []importer.Item) int {
	status := 0
	for _, item := range items {
		if item.Status != importer.Refused {
			return http.StatusOK
		}
		if status = http.StatusUnprocessableEntity; len(items) == 1 && item.Refusal != nil {
			status = item.Refusal.Kind.Status()
		}
	}
	return max(status, http.StatusOK)
}

// uploadOutcome is one ride as it stands, for pages that showed it as being read.
func (s *Server) uploadOutcome(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, readmodel.ErrNoActivity)
	if err != nil {
		return err
	}
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	file := r.URL.Query().Get("file")
	view, err := s.itemOutcome(r.Context(), who, importer.Item{ID: id, Status: importer.Queued, File: file})
	if err != nil {
		return err
	}
	if view.State == "reading" {
		n, _ := strconv.Atoi(r.URL.Query().Get("n")) // a page that doesn't count asks for the first time
		view.Refresh = refreshURL(id, file, n+1)
	}
	return s.fragment(w, r, http.StatusOK, pages.UploadFresh([]parts.UploadOutcomeView{view}))
}

// fragment writes a piece of a page, for script that puts it into one.
func (s *Server) fragment(w http.ResponseWriter, r *http.Request, status int, piece templ.Component) error {
	var body bytes.Buffer
	if err := piece.Render(r.Context(), &body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // a reader who has gone is no error of ours
	return nil
}
