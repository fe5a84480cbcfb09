// Package drydock holds the content that travels within the binary. It lies at the root of the tree because go:embed cannot reach
// upwards, and so that the content lies where a person looks for it.
package drydock

import "embed"

// Content is the shipped content: the playbooks, roles, group variables and example inventories of this tree. A file of the same name
// on disk takes precedence over it, a role as a whole.
//
//go:embed playbooks roles group_vars inventories/example
var Content embed.FS
