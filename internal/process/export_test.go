package process

// CrashAt has fn called at the places where a crash would hurt: handled, state saved, outbox saved, before checkpoint (of
// a transaction), sent (before it is written down).
func (m *Manager) CrashAt(fn func(at string)) { m.crash = fn }
