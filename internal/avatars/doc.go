// Package avatars keeps the pictures of athletes and clubs.
//
// A short tour: picture.go reads what somebody chose and makes small squares of it, orientation.go finds which side of a
// photograph is up, store.go keeps the squares beside the log.
//
//	file of any size ─► Read: bounds, decode, turn, crop, scale, encode anew ─► Picture, named by its hash
//	    ─► table avatars ─► the owner's event says the hash ─► /avatars/HASH/96, the same for ever
//
// Nothing of the file itself is kept. Encoding anew leaves out what cameras write beside the picture: where and when it was
// taken, with which device. The log holds the hash alone, so that the picture can be erased.
package avatars
