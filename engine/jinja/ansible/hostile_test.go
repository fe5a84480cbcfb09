package ansible_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/value"
)

// hostile are templates that ask for more than there is, and the kinds of errors that they end in. All end at once; without a limit
// they would take the machine along.
func hostile() map[string]value.Kind {
	deep := func(before, after string) string {
		return strings.Repeat(before, 10_000) + "1" + strings.Repeat(after, 10_000)
	}
	return map[string]value.Kind{
		"{{ range(10**12) | list }}":                                                      value.Limit,
		"{{ range(10**12) | sum }}":                                                       value.Limit,
		"{{ 'x' * 10**10 }}":                                                              value.Limit,
		"{{ [1] * 10**10 }}":                                                              value.Limit,
		"{{ 9**(9**9) }}":                                                                 value.Limit,
		"{{ 'a'.ljust(10**11) }}":                                                         value.Limit,
		"{{ '{:1000000000}'.format(1) }}":                                                 value.Limit,
		"{{ '%1000000000d' % 1 }}":                                                        value.Limit,
		"{{ 'a'.zfill(10**10) }}":                                                         value.Limit,
		"{{ 'x' | indent(10**10) }}":                                                      value.Limit,
		"{{ ('a' * 10**6).replace('a', 'b' * 10**6) }}":                                   value.Limit,
		"{{ ('a' * 10**6) | replace('a', 'b' * 10**6) }}":                                 value.Limit,
		"{{ range(3000) | join('x' * 10**5) }}":                                           value.Limit,
		"{{ ('x' * 10**5) | regex_replace('x', 'y' * 1000) }}":                            value.Limit,
		"{{ range(1000) | permutations | list }}":                                         value.Limit,
		"{{ range(1000) | product(range(1000), range(9)) }}":                              value.Limit,
		"{{ query('sequence', 'count=1000000000') }}":                                     value.Limit,
		"{{ 'x' | password_hash('sha512', rounds=10**9) }}":                               value.Limit,
		"{{ 'x' | password_hash('bcrypt', rounds=31) }}":                                  value.Limit,
		"{{ '10.0.0.0/8' | ansible.utils.usable_range }}":                                 value.Limit,
		"{% for i in range(10**9) %}{% endfor %}":                                         value.Limit,
		"{% for i in range(10**5) %}{% for j in range(10**5) %}x{% endfor %}{% endfor %}": value.Limit,
		"{% set ns = namespace(x='x') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}":                value.Limit,
		"{% set ns = namespace(x=3) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}":                   value.Limit,
		"{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}":        value.Limit,
		"{% set ns = namespace(x=[]) %}{% for i in range(5000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}":           value.Recursion,
		"{% set ns = namespace(x=[]) %}{% for i in range(5000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | to_json }}": value.Recursion,
		"{% set l = [1] %}{% do l.append(l) %}{{ l }}":                                                                    value.Recursion,
		"{% set d = {} %}{% do d.update(a=d) %}{{ d }}":                                                                   value.Recursion,
		"{% set d = {} %}{% do d.setdefault('a', [d]) %}{{ d }}":                                                          value.Recursion,
		"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}":                                                                 value.Recursion,
		"{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(0) }}":                                                    value.Recursion,
		"{% for i in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}":                                                     value.Recursion,
		"{{ " + deep("(", ")") + " }}":                                                                                    value.Syntax,
		"{{ " + deep("[", "]") + " }}":                                                                                    value.Syntax,
		"{{ " + deep("not ", "") + " }}":                                                                                  value.Syntax,
		"{{ " + deep("2 ** ", "") + " }}":                                                                                 value.Limit,
		deep("{% if true %}", "{% endif %}"):                                                                              value.Syntax,
		deep("{% for i in [1] %}", "{% endfor %}"):                                                                        value.Syntax,
		"{{ 1" + strings.Repeat(" and 1", 10_000) + " }}":                                                                 value.Syntax,
		"{{ 1" + strings.Repeat(" < 2", 10_000) + " }}":                                                                   value.Syntax,
		strings.Repeat("{{ x }}", 100_000):                                                                                value.Syntax,
		"{{ ('[' * 100000) | from_json }}":                                                                                value.ValueError,
		"{{ ('- ' * 20000) | from_yaml }}":                                                                                value.ValueError,
		"{{ 'a' | community.general.json_query('" + strings.Repeat("[", 10_000) + "') }}":                                 value.ValueError,
		"{{ ('a' * 60 ~ '!') is match('^(a|aa)+$') }}":                                                                    "", // the engine of patterns gives up
	}
}

func TestHostile(t *testing.T) {
	for src, want := range hostile() {
		t.Run(src[:min(len(src), 40)], func(t *testing.T) {
			t.Parallel()
			l := jinja.New()
			ansible.Extend(l, ansible.IO{})
			tmpl, mistakes := l.Parse(jinja.Source{Text: src})
			if mistakes.HasErrors() {
				if want != value.Syntax {
					t.Errorf("want an error of the kind %q, got %s", want, mistakes[0].Summary)
				}
				return
			}
			got, err := tmpl.Eval(noVars())
			if err == nil || jinja.KindOf(err) != want {
				t.Errorf("want an error of the kind %q, got %q: %.100v, %.100v", want, jinja.KindOf(err), err, value.TypeName(got))
			}
		})
	}
}

// FuzzRender evaluates any text with all of Ansible's names but nothing of the world.
func FuzzRender(f *testing.F) {
	for _, q := range readTable(f, "../../../testdata/parity/jinja.json").Cases {
		if src, ok := q.Src.(string); ok {
			f.Add(src)
			f.Add("{{ " + src + " }}")
		}
	}
	for src := range hostile() {
		if len(src) < 200 {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		l := jinja.New()
		ansible.Extend(l, ansible.IO{})
		tmpl, mistakes := l.ParseFile(jinja.Source{Text: src}, jinja.FileDefaults())
		if mistakes.HasErrors() {
			return
		}
		v, err := tmpl.Eval(noVars())
		if _, isText := v.(string); err == nil && !isText {
			t.Errorf("%q came to %s", src, value.TypeName(v))
		}
	})
}

func noVars() jinja.Env { return mapEnv{&value.Map{}} }
