package module

// Way is how a task's host is reached, for a module that goes there by a program of its own (rsync), not by the connection that is open.
type Way struct {
	// Here is the machine that Drydock runs on, as its user. It may act when the task's host may.
	Here Host
	// Kind is the connection of the machine that the task acts on: ssh or local. Where the task is delegated, that is another than its host's.
	Kind string
	// Names are what the task's host is called: in the inventory, and its address there.
	Names []string
	// DelegateTo is the host that the task is delegated to; empty: it is not.
	DelegateTo string
	// File is the absolute path of a file of the content; one that is not there is beside the playbook.
	File func(name string) string

	// The rest is about the task's host, not about one that the task is delegated to.
	Host     string // name or address
	Port     int    // 0: as ssh is configured
	User     string // empty: as ssh is configured
	KeyFile  string // empty: as ssh is configured; of the machine that the task acts on, as Ansible has it
	Args     []string
	Password func() (string, error) // nil: there is none. It belongs on no command line.

	Become       bool
	BecomeMethod string
	BecomeUser   string
}
