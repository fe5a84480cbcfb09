package jinja

// expr is a node of an expression; at is its byte offset in the text.
type expr interface{ offset() int }

type at int

func (a at) offset() int { return int(a) }

// The expressions.
type (
	constExpr struct {
		at
		val any
	}
	nameExpr struct {
		at
		name string
	}
	listExpr struct {
		at
		items []expr
		tuple bool
	}
	dictExpr struct {
		at
		keys, vals []expr
	}
	attrExpr struct {
		at
		obj  expr
		name string
	}
	itemExpr struct {
		at
		obj, key expr
	}
	sliceExpr struct {
		at
		lo, hi, step expr // each may be nil
	}
	callExpr struct {
		at
		fn   expr
		args arguments
	}
	filterExpr struct {
		at
		in     expr // nil in a filter block or a set block: what the block rendered
		name   string
		fn     Func
		args   arguments
		sealed bool // takes encrypted texts as they are
	}
	testExpr struct {
		at
		in      expr
		name    string
		fn      Func
		args    arguments
		negated bool
		sealed  bool
	}
	unaryExpr struct {
		at
		op string // - + not
		x  expr
	}
	binaryExpr struct {
		at
		op   string // + - * / // % ** and or
		x, y expr
	}
	concatExpr struct {
		at
		parts []expr
	}
	compareExpr struct {
		at
		first expr
		rest  []comparison
	}
	condExpr struct {
		at
		cond, yes, no expr // no may be nil
	}
	// embedExpr is a constant with template marks where Ansible evaluates them: a lookup's term, a condition.
	embedExpr struct {
		at
		tmpl *Template
	}
)

type comparison struct {
	op string // == != < <= > >= in, not in
	y  expr
}

// arguments are those of a call, a filter or a test, in the order in which they are written.
type arguments struct {
	pos      []expr
	names    []string
	named    []expr
	star     expr // *args, or nil
	starstar expr // **kwargs, or nil
}

// stmt is a node of a template's body.
type stmt interface{ isStmt() }

// leaf is an expression of a statement and the program it is compiled to on first use.
type leaf struct {
	expr expr
	*program
}

// The statements.
type (
	textStmt   struct{ text string }
	outputStmt struct{ x leaf }
	ifStmt     struct {
		tests  []leaf
		bodies [][]stmt
		orelse []stmt
	}
	forStmt struct {
		target    target
		iter      leaf
		filter    *leaf
		body      []stmt
		orelse    []stmt
		recursive bool
	}
	setStmt struct {
		target target
		x      leaf
	}
	setBlockStmt struct {
		target target
		filter *leaf // a filterExpr chain on nil
		body   []stmt
	}
	macroStmt struct {
		name     string
		params   []string
		defaults []leaf // for the last params
		body     []stmt
		uses     macroUses
	}
	callStmt struct {
		caller *macroStmt
		call   leaf
	}
	filterStmt struct {
		filter leaf
		body   []stmt
	}
	withStmt struct {
		targets []target
		values  []leaf
		body    []stmt
	}
	includeStmt struct {
		name          leaf
		ignoreMissing bool
		withContext   bool
	}
	importStmt struct {
		name        leaf
		target      string
		withContext bool
	}
	fromStmt struct {
		name        leaf
		names       []string
		aliases     []string
		withContext bool
	}
	extendsStmt struct{ name leaf }
	blockStmt   struct {
		name     string
		body     []stmt
		scoped   bool
		required bool
	}
	doStmt         struct{ x leaf }
	breakStmt      struct{}
	continueStmt   struct{}
	autoescapeStmt struct {
		on   leaf
		body []stmt
	}
)

func (*textStmt) isStmt()       {}
func (*outputStmt) isStmt()     {}
func (*ifStmt) isStmt()         {}
func (*forStmt) isStmt()        {}
func (*setStmt) isStmt()        {}
func (*setBlockStmt) isStmt()   {}
func (*macroStmt) isStmt()      {}
func (*callStmt) isStmt()       {}
func (*filterStmt) isStmt()     {}
func (*withStmt) isStmt()       {}
func (*includeStmt) isStmt()    {}
func (*importStmt) isStmt()     {}
func (*fromStmt) isStmt()       {}
func (*extendsStmt) isStmt()    {}
func (*blockStmt) isStmt()      {}
func (*doStmt) isStmt()         {}
func (*breakStmt) isStmt()      {}
func (*continueStmt) isStmt()   {}
func (*autoescapeStmt) isStmt() {}

// target is what an assignment assigns to: a name, a field of a namespace, or several targets.
type target struct {
	name  string
	field string   // of the namespace called name
	parts []target // a tuple
	tuple bool
}

// macroUses are the special names that the body of a macro mentions.
type macroUses struct{ varargs, kwargs, caller bool }
