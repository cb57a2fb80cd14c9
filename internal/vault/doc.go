// Package vault keeps a key for each person, so that they can be forgotten although the event log is never changed.
//
// What events say about a person (fields tagged personal, see eventstore.Personal) is sealed with their key on its way into
// the log, and opened by the one path that decodes. Forget destroys the key: from then on nobody can read it, in the log, in
// copies, exports and backups of it. The row stays as a tombstone, so that no second key is made, and so that a key that is
// missing for another reason is an error and not taken for a wish.
//
//	eventstore.Registry ──Seal, Open──▶ Vault ──▶ bounded cache ──▶ table personal_keys ──(master key)──▶ Tink keyset
//
// Keys are Tink keysets of AES-SIV (RFC 5297): deterministic, since an append that is sent again must be seen to be the same;
// what that gives away is that two sealed texts of one person are equal. With a master key they lie encrypted in the table,
// so that a copy of the database alone opens nothing. Rotate changes the master key while the site runs.
//
// Keys are cached. The node that forgets does so at once; others when they are told (Drop, which internal/privacy calls as
// soon as the log says so, at most eventstore.Options.Poll later), and at the latest after Options.TTL.
package vault
