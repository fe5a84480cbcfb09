package drydock_test

// The rules of the house that a machine can check. The import law itself is data: testdata/deps.txt.

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	self = "github.com/drydock-dev/drydock"

	maxFileLines  = 600
	maxFuncLines  = 60
	maxInterface  = 8
	maxFloors     = 8
	dispatchMark  = "//house:dispatch" // on a function that is one long switch, once per engine
	packagesFloor = 20                 // fewer found than this: the walk is broken, not the house
)

// sourceFile is a parsed Go file that is not a test.
type sourceFile struct {
	path, dir string
	lines     int
	syntax    *ast.File
	fset      *token.FileSet
}

func TestImportLaw(t *testing.T) {
	law := readLaw(t)
	used := map[string]map[string]bool{}
	for _, f := range sources(t) {
		for _, spec := range f.syntax.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			at := f.fset.Position(spec.Pos())
			law.checkOwner(t, at, f.dir, name)
			if inside, ok := within(name); ok {
				law.checkImport(t, at, f.dir, inside)
				if used[f.dir] == nil {
					used[f.dir] = map[string]bool{}
				}
				used[f.dir][inside] = true
			}
		}
	}
	for dir := range used {
		if n := floor(used, dir); n > maxFloors {
			t.Errorf("%s stands on floor %d, the house has %d", dir, n, maxFloors)
		}
	}
}

// within turns an import path into a folder of the house.
func within(name string) (dir string, ok bool) {
	if name == self {
		return "assets", true
	}
	return strings.CutPrefix(name, self+"/")
}

// floor is the length of the longest chain of imports that ends in dir.
func floor(used map[string]map[string]bool, dir string) int {
	n := 0
	for d := range used[dir] {
		n = max(n, floor(used, d))
	}
	return n + 1
}

func TestPackageComments(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range sources(t) {
		doc := f.syntax.Doc.Text()
		documented[f.dir] = documented[f.dir] || strings.HasPrefix(doc, "Package ") || strings.HasPrefix(doc, "Command ")
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, f := range sources(t) {
		if f.lines > maxFileLines {
			t.Errorf("%s has %d lines, at most %d", f.path, f.lines, maxFileLines)
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				lines := f.fset.Position(n.End()).Line - f.fset.Position(n.Pos()).Line + 1
				if lines > maxFuncLines && !marked(n) {
					t.Errorf("%s: %s has %d lines, at most %d", f.fset.Position(n.Pos()), n.Name.Name, lines, maxFuncLines)
				}
			case *ast.InterfaceType:
				if n.Methods.NumFields() > maxInterface {
					t.Errorf("%s: an interface of %d, at most %d", f.fset.Position(n.Pos()), n.Methods.NumFields(), maxInterface)
				}
			}
			return true
		})
	}
}

func marked(f *ast.FuncDecl) bool {
	if f.Doc == nil {
		return false
	}
	for _, c := range f.Doc.List {
		if strings.HasPrefix(c.Text, dispatchMark) {
			return true
		}
	}
	return false
}

func TestExportedNamesHaveComments(t *testing.T) {
	for _, f := range sources(t) {
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", f.fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				checkSpecs(t, f, d)
			}
		}
	}
}

// exportedReceiver tells whether a method can be reached from outside and is not one that says it all by its name. Of a type that is
// not exported it usually just fills an interface, which has the comment.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	if slices.Contains([]string{"Error", "Unwrap", "String"}, d.Name.Name) {
		return false
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if generic, ok := typ.(*ast.IndexExpr); ok {
		typ = generic.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

func checkSpecs(t *testing.T, f sourceFile, d *ast.GenDecl) {
	for _, s := range d.Specs {
		var name *ast.Ident
		var doc *ast.CommentGroup
		switch s := s.(type) {
		case *ast.TypeSpec:
			name, doc = s.Name, s.Doc
		case *ast.ValueSpec:
			name, doc = s.Names[0], s.Doc
			if s.Comment != nil {
				doc = s.Comment
			}
		default:
			continue
		}
		if name.IsExported() && doc == nil && d.Doc == nil {
			t.Errorf("%s: %s has no comment", f.fset.Position(name.Pos()), name.Name)
		}
	}
}

// outward are the calls by which a program speaks or ends; only cmd may.
var outward = map[string][]string{
	"fmt": {"Print", "Println", "Printf"},
	"os":  {"Exit", "Stdout", "Stderr", "Stdin"},
	"log": nil, // all of it
}

func TestOnlyTheCommandSpeaks(t *testing.T) {
	for _, f := range sources(t) {
		if strings.HasPrefix(f.dir, "cmd") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok || pkg.Obj != nil {
				return true
			}
			names, listed := outward[pkg.Name]
			if listed && (names == nil || slices.Contains(names, sel.Sel.Name)) {
				t.Errorf("%s: %s.%s outside cmd", f.fset.Position(n.Pos()), pkg.Name, sel.Sel.Name)
			}
			return true
		})
	}
}

func TestNoInit(t *testing.T) {
	for _, f := range sources(t) {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: an init function", f.fset.Position(fn.Pos()))
			}
		}
	}
}

// sources are all Go files of the house that are not tests.
func sources(t *testing.T) []sourceFile {
	t.Helper()
	files, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// parsed parses them, once for all tests.
var parsed = sync.OnceValues(func() ([]sourceFile, error) {
	var out []sourceFile
	dirs := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "tmpdeps"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parse(name)
		if err == nil {
			dirs[f.dir] = true
			out = append(out, f)
		}
		return err
	})
	if err == nil && len(dirs) < packagesFloor {
		err = fmt.Errorf("only %d packages found", len(dirs))
	}
	return out, err
})

func parse(name string) (sourceFile, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return sourceFile{}, err
	}
	f := sourceFile{path: name, dir: filepath.ToSlash(filepath.Dir(name)), lines: strings.Count(string(text), "\n"), fset: token.NewFileSet()}
	f.syntax, err = parser.ParseFile(f.fset, name, text, parser.ParseComments)
	return f, err
}
