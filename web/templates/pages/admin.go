package pages

import "strconv"

// maxAdminDepth is how far the chain of causes is indented; beyond it, on a phone, nothing could be read.
const maxAdminDepth = 6

func adminDepth(depth int) string { return "depth-" + strconv.Itoa(min(depth, maxAdminDepth)) }
