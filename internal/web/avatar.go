package web

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/web/templates/pages"
)

// avatarAge is how long browsers and proxies may keep a picture: the address says its content, so that it never changes, but
// what somebody has taken away should be gone from there, too, in a while.
const avatarAge = "public, max-age=604800, immutable"

// showAvatar serves a picture. It asks for nobody's cookie, so that it can be kept for everybody.
func (s *Server) showAvatar(w http.ResponseWriter, r *http.Request) {
	edge, _ := strconv.Atoi(chi.URLParam(r, "edge")) // of no number there is no picture
	file, err := s.pictures.Find(r.Context(), chi.URLParam(r, "hash"), edge)
	switch {
	case errors.Is(err, avatars.ErrNone):
		http.Error(w, avatars.ErrNone.Detail, http.StatusNotFound)
	case err != nil:
		s.Log.ErrorContext(r.Context(), "picture failed", "error", err)
		http.Error(w, "The picture can't be read at the moment.", http.StatusInternalServerError)
	default:
		w.Header().Set("Cache-Control", avatarAge)
		w.Header().Set("Content-Type", "image/jpeg")
		w.Header().Set("Content-Length", strconv.Itoa(len(file)))
		_, _ = w.Write(file) // a reader who has gone is no error of ours
	}
}

// chosenPicture is the file of a form. A form without one is refused when it is read as a picture.
func chosenPicture(r *http.Request) ([]byte, error) {
	if err := r.ParseMultipartForm(keptFiles); err != nil {
		return nil, unreadableForm(err)
	}
	defer r.MultipartForm.RemoveAll() // frees what waits on disk; failing to is the system's to clean up
	file, head, err := r.FormFile("avatar")
	if errors.Is(err, http.ErrMissingFile) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readPicture(file, head)
}

func readPicture(file io.Reader, head *multipart.FileHeader) ([]byte, error) {
	if head.Size > avatars.MaxBytes {
		return nil, avatars.ErrTooLarge
	}
	return io.ReadAll(file)
}

// tellAvatar says in the log which picture is the reader's own.
func (s *Server) tellAvatar(r *http.Request) func(hash string) error {
	by := viewer(r)
	return func(hash string) error {
		return s.send(r.Context(), athletes.ChangeAvatar{Head: athletes.Head{ID: by.AthleteID, By: by, Now: now()}, Avatar: hash})
	}
}

func (s *Server) changeAvatar(w http.ResponseWriter, r *http.Request) error {
	file, err := chosenPicture(r)
	if err == nil {
		err = s.pictures.Replace(r.Context(), viewer(r).AthleteID, file, s.tellAvatar(r))
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		return s.showSettings(w, r, http.StatusUnprocessableEntity, pages.SettingsView{Avatar: pages.AvatarForm{Error: said["avatar"]}, Errors: said.summary("avatar")})
	}
	return s.done(w, r, "/settings#avatar", "That's your picture now.")
}

func (s *Server) removeAvatar(w http.ResponseWriter, r *http.Request) error {
	if err := s.pictures.Remove(r.Context(), viewer(r).AthleteID, s.tellAvatar(r)); err != nil {
		return err
	}
	return s.done(w, r, "/settings#avatar", "Your picture is gone; your initials stand in for it.")
}

func (s *Server) tellClubAvatar(ctx context.Context, head clubs.Head) func(hash string) error {
	return func(hash string) error { return s.send(ctx, clubs.ChangeAvatar{Head: head, Avatar: hash}) }
}

func (s *Server) changeClubAvatar(w http.ResponseWriter, r *http.Request) error {
	c, head, err := s.runClub(r)
	if err != nil {
		return err
	}
	file, err := chosenPicture(r)
	if err == nil {
		err = s.pictures.Replace(r.Context(), c.ID, file, s.tellClubAvatar(r.Context(), head))
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		v := clubFormFor(c)
		v.Avatar.Error, v.Errors = said["avatar"], said.summary("avatar")
		return s.showClubForm(w, r, http.StatusUnprocessableEntity, v)
	}
	return s.done(w, r, "/clubs/"+c.Slug, "That's the picture of "+c.Name+" now.")
}

func (s *Server) removeClubAvatar(w http.ResponseWriter, r *http.Request) error {
	c, head, err := s.runClub(r)
	if err != nil {
		return err
	}
	if err := s.pictures.Remove(r.Context(), c.ID, s.tellClubAvatar(r.Context(), head)); err != nil {
		return err
	}
	return s.done(w, r, "/clubs/"+c.Slug+"/edit#avatar", "The picture is gone; the initials stand in for it.")
}

// clubFormFor is the form with the club as it is.
func clubFormFor(c readmodel.Club) pages.ClubFormView {
	url := "/clubs/" + c.Slug
	return pages.ClubFormView{URL: url, Title: c.Name, Name: c.Name, Description: c.Description, Website: c.Website, Private: c.Private,
		Avatar: clubAvatarForm(c)}
}

func clubAvatarForm(c readmodel.Club) pages.AvatarForm {
	return pages.AvatarForm{Action: "/clubs/" + c.Slug + "/avatar", Name: c.Name, Image: c.Avatar.URL(avatars.Large)}
}
