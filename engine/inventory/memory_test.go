package inventory

import (
	"io/fs"
	"strings"
	"testing/fstest"
)

// memory is a file system of texts by absolute name. A name that ends in ! may be executed.
func memory(files map[string]string) fs.FS {
	m := fstest.MapFS{}
	for name, text := range files {
		mode := fs.FileMode(0o644)
		if strings.HasSuffix(name, "!") {
			mode = 0o755
		}
		m[strings.TrimSuffix(strings.TrimPrefix(name, "/"), "!")] = &fstest.MapFile{Data: []byte(text), Mode: mode}
	}
	return m
}
