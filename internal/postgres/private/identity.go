package private

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// identity is the user that PostgreSQL's programs run as.
type identity struct {
	uid, gid uint32
	name     string
	drop     bool // we are root and become this user for the programs
}

// who picks the identity: ourselves, or, when we are root, whoever owns the cluster already, else postgres, else nobody.
func who(cluster string) (identity, error) {
	me := identity{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid()), name: strconv.Itoa(os.Geteuid())}
	owner, owned := ownerOf(cluster)
	if me.uid != 0 {
		if owned && owner.uid != me.uid {
			return me, fmt.Errorf("%s belongs to another user (id %d): run as that user, or choose another data directory",
				cluster, owner.uid)
		}
		return me, nil
	}
	if owned && owner.uid != 0 {
		return owner, nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		if id, err := lookUp(name); err == nil {
			return id, nil
		}
	}
	return me, fmt.Errorf("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as: " +
		"add one, or run as another user, or set DATABASE_URL")
}

func ownerOf(path string) (identity, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return identity{}, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, false
	}
	return identity{uid: stat.Uid, gid: stat.Gid, name: strconv.Itoa(int(stat.Uid)), drop: true}, true
}

func lookUp(name string) (identity, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return identity{}, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return identity{}, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return identity{}, err
	}
	return identity{uid: uint32(uid), gid: uint32(gid), name: name, drop: true}, nil
}

// attributes make a program run as this identity, in a process group of its own: Ctrl-C in a terminal goes to the whole
// group, and the database must outlive the program that still has things to write.
func (id identity) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if id.drop {
		attr.Credential = &syscall.Credential{Uid: id.uid, Gid: id.gid}
	}
	return attr
}

// own hands path to the identity; without the right or the need to, it does nothing.
func (id identity) own(path string) error {
	if !id.drop {
		return nil
	}
	return os.Lchown(path, int(id.uid), int(id.gid))
}

// ownTree hands over a whole folder, as after a backup was restored by root.
func (id identity) ownTree(root string) error {
	return filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return id.own(path)
	})
}

// canEnter says whether the identity may pass through every folder down to path. Folders that don't exist yet count as
// open: we make them so.
func (id identity) canEnter(path string) bool {
	if !id.drop {
		return true
	}
	for dir := path; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && !id.passes(info) {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

func (id identity) passes(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch mode := info.Mode().Perm(); {
	case !ok:
		return false
	case stat.Uid == id.uid:
		return mode&0o100 != 0
	case stat.Gid == id.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
