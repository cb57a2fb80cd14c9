package eventstore

// planned is what a batch puts into the log.
type planned struct {
	events   []Recorded       // of all admitted requests, with versions, and positions counted from 1 until they are placed
	versions map[string]int64 // that the streams touched will have
	admitted []*request
}

// plan decides which requests of a batch can be stored, one after the other on running versions, and settles the others with
// a conflict. stored tells a stream's version; unknown counts as none, see streamsOf.
func plan(batch []*request, stored func(string) (int64, bool)) planned {
	n := 0
	for _, r := range batch {
		n += len(r.events)
	}
	p := planned{events: make([]Recorded, 0, n), versions: make(map[string]int64, len(batch))}
	for _, r := range batch {
		if r.settled {
			continue
		}
		if conflict := p.admit(r, stored); conflict != nil {
			r.settle(Result{}, conflict)
			continue
		}
		p.number(r)
	}
	return p
}

// admit checks all parts of a request on the running versions and moves these on; on a conflict it moves them back.
func (p *planned) admit(r *request, stored func(string) (int64, bool)) error {
	for i, w := range r.parts {
		version, running := p.versions[w.stream]
		if !running {
			version, _ = stored(w.stream)
		}
		if err := w.accepts(version); err != nil {
			for _, undo := range r.parts[:i] {
				p.versions[undo.stream] -= int64(undo.count)
			}
			return err
		}
		p.versions[w.stream] = version + int64(w.count)
	}
	return nil
}

// accepts says whether the stream, at this version, is as it is expected.
func (w part) accepts(version int64) error {
	switch {
	case version == closed:
		return deletedError(w.stream)
	case !w.expect.holds(version):
		return &ConflictError{Stream: w.stream, Expected: w.expect, Actual: version}
	}
	return nil
}

// number gives an admitted request's events their versions and positions, and the request its result.
func (p *planned) number(r *request) {
	versions := make(map[string]int64, len(r.parts))
	i := len(r.events)
	for j := len(r.parts) - 1; j >= 0; j-- { // from the end, where the running versions are
		w := r.parts[j]
		version, later := versions[w.stream]
		if !later {
			version = p.versions[w.stream]
		}
		for range w.count {
			i--
			r.events[i].Version = version
			version--
		}
		versions[w.stream] = version
	}
	for stream := range versions {
		versions[stream] = p.versions[stream]
	}
	first := int64(len(p.events)) + 1
	for i := range r.events {
		r.events[i].Position = first + int64(i)
	}
	p.events = append(p.events, r.events...)
	p.admitted = append(p.admitted, r)
	r.result = Result{First: first, Last: first + int64(len(r.events)) - 1, Versions: versions}
}

// place moves all positions behind the head that the events came after.
func (p *planned) place(head int64) {
	for i := range p.events {
		p.events[i].Position += head
	}
	for _, r := range p.admitted {
		r.result.First += head
		r.result.Last += head
	}
}

// streamsOf lists the streams of a batch whose versions known doesn't tell (nil: it tells none). With hopeful, a stream that
// is expected not to exist is left out: it is most often new, and where it isn't, the unique key refuses the batch, unless
// its first row was erased.
func streamsOf(batch []*request, known func(string) bool, hopeful bool) []string {
	seen := map[string]bool{}
	var streams []string
	for _, r := range batch {
		if r.settled {
			continue
		}
		for _, w := range r.parts {
			if hopeful && w.expect == NoStream || known != nil && known(w.stream) || seen[w.stream] {
				continue
			}
			seen[w.stream] = true
			streams = append(streams, w.stream)
		}
	}
	return streams
}
