package files

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Fetch brings a file of the host home.
var Fetch = module.Define(module.Spec{
	Name:  "ansible.builtin.fetch",
	Needs: "src and dest are required",
	Doc:   "Bring a file of the host to the machine that Drydock runs on.",
}, planFetch)

type fetchArgs struct {
	Src         string `arg:"src,required,type=path" doc:"The file on the host."`
	Dest        string `arg:"dest,required" doc:"The directory to bring it to, below the host's name and the file's whole path; with flat the file itself, or the directory when it ends in /."`
	Flat        bool   `arg:"flat" doc:"Do not make directories of the host's name and the path."`
	FailMissing bool   `arg:"fail_on_missing,default=true" doc:"Fail when the file is missing."`
	Mode        string `arg:"mode,type=bits" doc:"Has no meaning here, as in Ansible: files are brought home as their own user's."`
	Owner       string `arg:"owner" doc:"Has no meaning here, as in Ansible."`
	Group       string `arg:"group" doc:"Has no meaning here, as in Ansible."`
	Validate    bool   `arg:"validate_checksum,default=true" doc:"Compare what arrived with the file's checksum."`
}

func planFetch(ctx context.Context, v module.View, a fetchArgs) (module.Plan, error) {
	service, err := v.Controller().Service(module.DiskKey{})
	if err != nil {
		return module.Plan{}, err
	}
	disk := service.(module.Disk)
	dest, err := a.dest(v)
	if err != nil {
		return module.Plan{}, err
	}
	var unwritable error
	old, err := disk.Read(dest)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		unwritable = err
	}
	have := delivery{}.withText(string(old))
	if err != nil {
		have.sha1 = ""
	}
	s, err := look(ctx, v, question{path: a.Src, sum: "sha1", content: everything, unlessSum: have.sha1})
	if err != nil {
		return module.Plan{}, err
	}
	if r := a.obstacle(s); r != nil {
		return module.Done(*r), nil
	}
	if a.Flat && errors.Is(unwritable, syscall.EISDIR) {
		return module.Done(module.Fail("dest is an existing directory, use a trailing slash if you want to fetch src into that directory")), nil
	}
	if unwritable != nil {
		return module.Done(module.Fail("%s cannot be written: %v; a directory is named with a slash at its end", dest, unwritable)), nil
	}
	if s.sum == have.sha1 {
		return module.Done(module.Result{Data: value.NewMap("md5sum", have.md5, "file", a.Src, "dest", dest, "checksum", have.sha1)}), nil
	}
	return module.Opaque("check mode not (yet) supported for this module", func(context.Context, module.Host) (module.Result, error) {
		return a.keep(disk, dest, s)
	}), nil
}

// dest is the path on this machine, from the root; a relative one begins beside the playbook.
func (a fetchArgs) dest(v module.View) (string, error) {
	dest := a.Dest
	switch {
	case !a.Flat:
		dest = path.Join(dest, v.Name(), strings.TrimPrefix(a.Src, "~"))
	case strings.HasSuffix(dest, "/"):
		dest = path.Join(dest, path.Base(a.Src))
	}
	if strings.HasPrefix(dest, "/") || strings.HasPrefix(dest, "~/") {
		return dest, nil
	}
	dir, err := v.Controller().Eval("playbook_dir")
	return path.Join(value.Str(dir), dest), err
}

func (a fetchArgs) obstacle(s state) *module.Result {
	var r module.Result
	switch {
	case s.there == nil:
		r = module.Result{Failed: a.FailMissing, Msg: "the remote file does not exist, not transferring, ignored"}
		if !a.FailMissing {
			r = r.With("file", a.Src)
		}
	case s.isDir():
		r = module.Result{Failed: a.FailMissing, Msg: "remote file is a directory, fetch cannot work on directories"}
		if !a.FailMissing {
			r.Msg += ", not transferring, ignored"
		}
		r = r.With("file", a.Src)
	case s.sum == "":
		r = module.Fail("the remote file is not readable, not transferring, ignored").With("file", a.Src)
	default:
		return nil
	}
	return &r
}

func (a fetchArgs) keep(disk module.Disk, dest string, s state) (module.Result, error) {
	got := delivery{}.withText(s.content)
	if a.Validate && got.sha1 != s.sum {
		return module.Fail("checksum mismatch").With("file", a.Src).With("dest", dest).With("checksum", got.sha1).With("remote_checksum", s.sum), nil
	}
	if err := disk.Write(dest, []byte(s.content)); err != nil {
		return module.Fail("%s cannot be written: %v", dest, err), nil
	}
	return module.Result{Changed: true, Data: value.NewMap("md5sum", got.md5, "file", a.Src, "dest", dest, "remote_md5sum", nil,
		"checksum", got.sha1, "remote_checksum", s.sum)}, nil
}
