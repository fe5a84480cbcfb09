package jinja_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// env is an Env over a mapping. Reads counts how often each name was asked for.
type env struct {
	vars  *value.Map
	reads map[string]int
}

func newEnv(pairs ...any) *env { return &env{value.NewMap(pairs...), map[string]int{}} }

func (e *env) Lookup(name string) (any, bool, error) {
	e.reads[name]++
	v, ok := e.vars.Get(name)
	return v, ok, nil
}

// in makes a Source whose offsets are columns of line 7 of a file.
func in(text string) jinja.Source {
	return jinja.Source{Text: text, At: func(o int) diag.Pos { return diag.Pos{File: "play.yml", Line: 7, Col: o + 1} }}
}

func parse(t *testing.T, l *jinja.Language, text string) *jinja.Template {
	t.Helper()
	tmpl, errs := l.Parse(in(text))
	if errs.HasErrors() {
		t.Fatalf("%s: %v", text, errs)
	}
	return tmpl
}

func TestHasTemplate(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "plain": false, "{": false, "{ {": false, "a {{ b": true, "{% if": true, "x{#": true, "${VAR}": false, "{{{": true,
		"#jinja2: trim_blocks: False\nx": true, "{a} {b} {{": true,
	} {
		if got := jinja.HasTemplate(text); got != want {
			t.Errorf("HasTemplate(%q) = %v", text, got)
		}
	}
}

// TestSyntaxErrors: a mistake is reported where it is, with what was meant.
func TestSyntaxErrors(t *testing.T) {
	l := jinja.New()
	for text, want := range map[string]string{
		"{{ nums | uper }}":        `play.yml:7:11: no filter named 'uper' (did you mean "upper"?)`,
		"{{ x is defnied }}":       `play.yml:7:9: no test named 'defnied' (did you mean "defined"?)`,
		"{% iff x %}{% endif %}":   `play.yml:7:4: unknown tag 'iff' (did you mean "if"?)`,
		"{{ a b }}":                `play.yml:7:6: expected token 'end of print statement', got 'b'`,
		"{{ [1, 2 }}":              `play.yml:7:10: unexpected '}', expected ']'`,
		"x {{ y":                   `play.yml:7:3: {{ is not closed: no }} follows`,
		"{{ a && b }}":             `play.yml:7:6: unexpected character '&' (write "and")`,
		"{% for x in y %}z":        `play.yml:7:18: unexpected end of template, expected 'endfor' or 'else'`,
		"{% if x %}{% endfor %}":   `play.yml:7:14: unexpected 'endfor', expected 'elif', 'else' or 'endif'`,
		"{{ 'open }}":              `play.yml:7:4: the string is not closed: no ' follows`,
		"{% set 1 = 2 %}":          `play.yml:7:8: can't assign to '1'`,
		"{% break %}":              `play.yml:7:4: 'break' outside a loop`,
		"{{ f(a=1, 2) }}":          `play.yml:7:11: a positional argument follows a named one`,
		"#jinja2: trimblocks: 1\n": `play.yml:7:1: the #jinja2: line has no setting "trimblocks", did you mean "trim_blocks"?`,
	} {
		_, errs := l.Parse(in(text))
		if got := fmt.Sprint(errs.Err()); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// TestErrorPositions: an error while evaluating names the place of the expression, in the template that it is in.
func TestErrorPositions(t *testing.T) {
	l := jinja.New()
	inner, _ := l.Parse(jinja.Source{Text: "{{ 1 + nope }}", At: func(o int) diag.Pos { return diag.Pos{File: "vars.yml", Line: 3, Col: o + 1} }})
	e := newEnv("inner", inner, "n", 5)
	for text, want := range map[string]string{
		"{{ n }} {{ missing.x }}":   "play.yml:7:12 'missing' is undefined",
		"{{ n + 'a' }}":             "play.yml:7:6 unsupported operand type(s) for +: 'int' and 'str'",
		"{{ inner }}":               "vars.yml:3:6 'nope' is undefined",
		"{% if n.foo %}{% endif %}": "play.yml:7:9 object of type 'int' has no attribute 'foo'",
		"{{ 1 // 0 }}":              "play.yml:7:6 integer division or modulo by zero",
	} {
		_, err := parse(t, l, text).Eval(e)
		pos := diag.Pos{}
		var undefined *jinja.UndefinedError
		var eval *jinja.EvalError
		if errors.As(err, &undefined) {
			pos = undefined.Pos
		} else if errors.As(err, &eval) {
			pos = eval.Pos
		}
		if got := fmt.Sprint(pos, " ", err); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// TestLazy: variables are evaluated when they are used, once, and a broken neighbour does no harm.
func TestLazy(t *testing.T) {
	l := jinja.New()
	e := newEnv("c", 1)
	e.vars.Set("a", parse(t, l, "{{ c + 1 }}"))
	e.vars.Set("d", value.NewMap("good", parse(t, l, "{{ a }}"), "bad", parse(t, l, "{{ nope }}")))
	v, err := parse(t, l, "{{ d.good + d['good'] + (d.bad | default(10)) }}").Eval(e)
	if err != nil || v != 14 {
		t.Errorf("got %v, %v", v, err)
	}
	if e.reads["c"] != 1 {
		t.Errorf("c was read %d times, the value of d.good should be kept", e.reads["c"])
	}
	if _, err := parse(t, l, "{{ d }}").Eval(e); jinja.KindOf(err) != jinja.Undefined {
		t.Errorf("the whole of d must fail as undefined, got %v", err)
	}
}

// TestStringsAreData: only templates are evaluated; a text that looks like one is text.
func TestStringsAreData(t *testing.T) {
	l := jinja.New()
	e := newEnv("result", value.NewMap("stdout", "{{ secret }}"), "secret", "leaked")
	v, err := parse(t, l, "{{ result.stdout }}{{ [result.stdout] | join }}").Eval(e)
	if err != nil || v != "{{ secret }}{{ secret }}" {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestChains(t *testing.T) {
	l := jinja.New()
	e := newEnv("v0", 0)
	const n = 2000
	for i := 1; i <= n; i++ {
		e.vars.Set(fmt.Sprintf("v%d", i), parse(t, l, fmt.Sprintf("{{ v%d + 1 }}", i-1)))
	}
	if v, err := parse(t, l, fmt.Sprintf("{{ v%d }}", n)).Eval(e); err != nil || v != n {
		t.Errorf("a chain of %d variables: got %v, %v", n, v, err)
	}
	e.vars.Set("v0", parse(t, l, fmt.Sprintf("{{ v%d }}", n)))
	if _, err := parse(t, l, "{{ v5 }}").Eval(e); jinja.KindOf(err) != value.Recursion {
		t.Errorf("a cycle must be a recursion error, got %v", err)
	}
}

// TestDiamond: a value that is reached by 2^40 ways is computed once.
func TestDiamond(t *testing.T) {
	l := jinja.New()
	e := newEnv("v0", 1)
	for i := 1; i <= 40; i++ {
		e.vars.Set(fmt.Sprintf("v%d", i), parse(t, l, fmt.Sprintf("{{ v%d + v%d }}", i-1, i-1)))
	}
	if v, err := parse(t, l, "{{ v40 }}").Eval(e); err != nil || v != 1<<40 {
		t.Errorf("got %v, %v", v, err)
	}
}

// TestHostile: templates that ask for too much end in an error.
func TestHostile(t *testing.T) {
	l := jinja.New()
	for _, text := range []string{
		"{{ range(10**12) | list }}", "{% for i in range(10**12) %}x{% endfor %}", "{{ 'a' * 10**12 }}", "{{ [1] * 10**12 }}", "{{ 10 ** (10 ** 10) }}",
		"{{ '%1000000000d' % 1 }}", "{{ '{:1000000000}'.format(1) }}", "{{ 'x'.center(10**12) }}", "{{ 'x' | indent(10**9) }}",
		"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{{ [1] | batch(10**12, 'x') }}", "{{ (1).__lshift__(10**12) }}",
		"{% for x in [1] recursive %}{{ loop([x]) }}{% endfor %}", "{{ lipsum(n=10**9) }}",
	} {
		if v, err := parse(t, l, text).Eval(newEnv()); err == nil {
			t.Errorf("%s: no error but a %T", text, v)
		}
	}
	deep := strings.Repeat("(", 10_000)
	for _, text := range []string{
		"{{ " + deep + "1" + strings.Repeat(")", 10_000) + " }}", "{{ " + strings.Repeat("not ", 10_000) + "x }}", "{{ " + strings.Repeat("-", 10_000) + "1 }}",
		strings.Repeat("{% if x %}", 10_000), "{{ 1" + strings.Repeat(" + 1", 200_000) + " }}", "{{ " + strings.Repeat("[", 10_000) + " }}",
	} {
		if _, errs := l.Parse(in(text)); !errs.HasErrors() {
			t.Errorf("%.40s...: no error", text)
		}
	}
	if v, err := parse(t, l, "{{ 1"+strings.Repeat(" + 1", 20_000)+" }}").Eval(newEnv()); err != nil || v != 20_001 {
		t.Errorf("a long sum: %v, %v", v, err)
	}
}

// TestMutation: what a template changes is its own; the variables stay as they are.
func TestMutation(t *testing.T) {
	l := jinja.New()
	list, m := []any{1, []any{2}}, value.NewMap("k", []any{1})
	e := newEnv("list", list, "m", m)
	v, err := parse(t, l, "{% set _ = list.append(3) %}{% set _ = list[1].append(9) %}{% set _ = m.k.append(2) %}{% set _ = m.update({'n': 1}) %}{{ [list, m] }}").Eval(e)
	if got := value.Repr(v); err != nil || got != "[[1, [2, 9], 3], {'k': [1, 2], 'n': 1}]" {
		t.Errorf("got %s, %v", got, err)
	}
	if value.Repr(list) != "[1, [2]]" || value.Repr(m) != "{'k': [1]}" {
		t.Errorf("the variables were changed: %s %s", value.Repr(list), value.Repr(m))
	}
}

// otherHost is an Object whose templates belong to another Env.
type otherHost struct{ e *env }

func (o otherHost) Get(key any) (any, bool, error) {
	v, ok := o.e.vars.Get(key)
	return jinja.Bind(v, o.e), ok, nil
}

func (o otherHost) Keys() []any { return o.e.vars.Keys() }

// TestBind: a variable of another host is evaluated among that host's variables, and a cycle over hosts is noticed.
func TestBind(t *testing.T) {
	l := jinja.New()
	here, there := newEnv("name", "here"), newEnv("name", "there")
	there.vars.Set("greeting", parse(t, l, "I am {{ name }}"))
	there.vars.Set("list", []any{parse(t, l, "{{ name }}"), "x"})
	here.vars.Set("other", otherHost{there})
	there.vars.Set("other", otherHost{here})
	here.vars.Set("loop", parse(t, l, "{{ other.loop }}"))
	there.vars.Set("loop", parse(t, l, "{{ other.loop }}"))
	for text, want := range map[string]string{
		"{{ other.greeting }}":                 "'I am there'",
		"{{ other['list'] | join('-') }}":      "'there-x'",
		"{{ other.list[0] ~ name }}":           "'therehere'",
		"{{ other.nope | default('d') }}":      "'d'",
		"{{ 'name' in other }}":                "True",
		"{{ other.get('name') }}":              "'there'",
		"{{ other.keys() | first }}":           "'name'",
		"{{ other | dict2 | default('none')}}": "",
	} {
		tmpl, errs := l.Parse(in(text))
		if errs.HasErrors() {
			if want != "" {
				t.Errorf("%s: %v", text, errs)
			}
			continue
		}
		if v, err := tmpl.Eval(here); err != nil || value.Repr(v) != want {
			t.Errorf("%s: got %s, %v", text, value.Repr(v), err)
		}
	}
	if _, err := parse(t, l, "{{ loop }}").Eval(here); jinja.KindOf(err) != value.Recursion {
		t.Errorf("a cycle over hosts: got %v", err)
	}
}

func TestResolve(t *testing.T) {
	l := jinja.New()
	l.Globals["omit"] = value.Omit{}
	e := newEnv("x", 1)
	arg := value.NewMap("keep", "{{ text }}", "a", parse(t, l, "{{ x }}"), "gone", parse(t, l, "{{ omit }}"), "l", []any{parse(t, l, "{{ omit }}"), parse(t, l, "{{ [x, (2,)] }}")})
	v, err := jinja.Resolve(arg, e)
	if got := value.Repr(v); err != nil || got != "{'keep': '{{ text }}', 'a': 1, 'l': [[1, [2]]]}" {
		t.Errorf("got %s, %v", got, err)
	}
	if v, err := jinja.Resolve(value.Vault{Cipher: "x", Where: "f.yml:1:2"}, e); err == nil || !strings.Contains(err.Error(), "f.yml:1:2") {
		t.Errorf("an encrypted text without a password: got %v, %v", v, err)
	}
	l.Unvault = func(v value.Vault) (string, error) { return "opened " + v.Cipher, nil }
	if v, err := parse(t, l, "{{ s ~ '!' }}").Eval(newEnv("s", value.Vault{Cipher: "c"})); err != nil || v != "opened c!" {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestConditions(t *testing.T) {
	l := jinja.New()
	e := newEnv("rc", 0, "s", "yes")
	for text, want := range map[string]string{"rc == 0": "true", "not rc": "true", "rc": "not-boolean", "s": "not-boolean", "s and rc == 0": "true", "rc and nope": "not-boolean"} {
		tmpl, errs := l.ParseExpr(in(text))
		if errs.HasErrors() {
			t.Fatal(errs)
		}
		b, err := tmpl.Test(e)
		got := fmt.Sprint(b)
		if err != nil {
			got = string(jinja.KindOf(err))
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	l.AllowBrokenConditionals = true
	tmpl, _ := l.ParseExpr(in("s"))
	if b, err := tmpl.Test(e); !b || err != nil {
		t.Errorf("with broken conditionals allowed: got %v, %v", b, err)
	}
}

// TestConcurrent: one template serves many hosts at once.
func TestConcurrent(t *testing.T) {
	l := jinja.New()
	tmpl := parse(t, l, "{% set ns = namespace(n=0) %}{% for i in range(k) if i is odd %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}")
	var wg sync.WaitGroup
	for k := range 50 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			want := (k / 2) * (k / 2)
			if v, err := tmpl.Eval(newEnv("k", k)); err != nil || v != want {
				t.Errorf("k = %d: got %v, %v", k, v, err)
			}
		}()
	}
	wg.Wait()
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"{{ a.b[1:2] | default('x', true) ~ \"y\" }}", "{% for k, v in d.items() if v recursive %}{{ loop(v) }}{% else %}-{% endfor %}",
		"{%- macro m(a, b=1) -%}{{ varargs }}{%- endmacro -%}{% call(x) m(1) %}{{ x }}{% endcall %}", "{# c #}{% raw %}{{{% endraw %}",
		"#jinja2: lstrip_blocks: True\n{% if a %}b{% endif %}", "{{ {'a': [1, (2,)], **x} }}", "{{ '%s' % ('a', 1) if b is not in [c] else 1e5 // 0x1f }}", "\xff{{ \xff }}",
		"{{ 0B_ }}{{ 0x_1f }}",
	} {
		f.Add(seed)
	}
	l := jinja.New()
	f.Fuzz(func(t *testing.T, text string) {
		tmpl, errs := l.Parse(jinja.Source{Text: text})
		if (tmpl == nil) != errs.HasErrors() {
			t.Fatalf("a template and errors, or neither: %v", errs)
		}
		if tmpl != nil {
			tmpl.Eval(newEnv("a", value.NewMap("b", []any{1, 2}), "x", "text"))
		}
		l.ParseExpr(jinja.Source{Text: text})
	})
}

func BenchmarkCondition(b *testing.B) {
	l := jinja.New()
	tmpl, _ := l.ParseExpr(jinja.Source{Text: "r.rc == 0"})
	e := plainEnv{"r": value.NewMap("rc", 0)}
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := tmpl.Test(&e); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	l := jinja.New()
	b.ReportAllocs()
	for b.Loop() {
		if _, errs := l.Parse(jinja.Source{Text: "{{ hostvars[groups['server'][0]].ansible_host | default('none') }}"}); errs.HasErrors() {
			b.Fatal(errs)
		}
	}
}

// plainEnv is an Env that does nothing but look up.
type plainEnv map[string]any

func (e *plainEnv) Lookup(name string) (any, bool, error) {
	v, ok := (*e)[name]
	return v, ok, nil
}
