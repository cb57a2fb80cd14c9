package live

// watcher is one socket's side of a room.
type watcher struct {
	last int64      // version that the other end has or has been offered; -1: none. Guarded by the room's mu
	slot chan Frame // of one: the newest frame that hasn't been sent yet
}

func newWatcher(since int64) *watcher {
	return &watcher{last: since, slot: make(chan Frame, 1)}
}

// offer puts a frame into the slot, in place of an older one, unless the other end has it. It never blocks. Only the
// holder of the room's mu calls it. It says whether an unsent frame was skipped.
func (w *watcher) offer(f Frame) (skipped bool) {
	if f.Version <= w.last {
		return false
	}
	w.last = f.Version
	select {
	case <-w.slot:
		skipped = true
	default:
	}
	w.slot <- f // there is room: nobody else puts frames in
	return skipped
}
