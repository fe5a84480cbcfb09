package run

import (
	"context"
	"fmt"
	"strconv"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds vars_prompt: what a play asks before it begins.

// ask asks for the variables of vars_prompt that the command line does not give.
func (p *playRun) ask(ctx context.Context, env jinja.Env) error {
	p.prompts = &value.Map{}
	at := key(strconv.Itoa(p.index), "prompts")
	if m, ok := unpacked(p.r.Memory.Recall(at).Answer); ok {
		p.prompts = m
		return nil
	}
	for _, q := range p.VarsPrompt {
		if p.r.Vars.Extra(q.Name) {
			continue
		}
		v, err := p.prompt(ctx, q, env)
		if err != nil {
			return p.mistake(q.Pos, "vars_prompt %s: %v", q.Name, err)
		}
		p.prompts.Set(q.Name, v)
	}
	if p.prompts.Len() == 0 {
		return nil
	}
	return p.r.Memory.Keep(at, packed(p.prompts))
}

// prompt is the value of one variable: what is typed, else its default, else the text None, as Ansible makes it; hashed if the play wants it
// so.
func (p *playRun) prompt(ctx context.Context, q program.Prompt, env jinja.Env) (any, error) {
	fallback, err := jinja.Resolve(q.Default, env)
	if err != nil {
		return nil, err
	}
	text, err := p.promptText(q, fallback, env)
	if err != nil {
		return nil, err
	}
	s, err := p.r.Services(module.TerminalKey{})
	if err != nil {
		return nil, err
	}
	answer, err := p.typed(ctx, s.(module.Terminal), q, text, env)
	if err != nil {
		return nil, err
	}
	if answer == "" && fallback != nil {
		answer = value.Str(fallback)
	}
	return p.hashed(answer, q, env)
}

func (p *playRun) promptText(q program.Prompt, fallback any, env jinja.Env) (string, error) {
	text, err := p.textIn(q.Text, env)
	if text == "" {
		text = q.Name
	}
	if fallback != nil {
		text += fmt.Sprintf(" [%s]", value.Str(fallback))
	}
	return text + ": ", err
}

// typed asks, twice where the answer is to be confirmed, until both are the same. Nobody there: None, and a warning.
func (p *playRun) typed(ctx context.Context, t module.Terminal, q program.Prompt, text string, env jinja.Env) (string, error) {
	echo, err := echoes(q, env)
	if err != nil {
		return "", err
	}
	for {
		first, err := t.Ask(ctx, text, echo)
		if err == module.ErrNoTerminal {
			if first != "" || q.Default != nil {
				return first, p.notAsked()
			}
			return "None", p.notAsked()
		}
		if err != nil || !p.truth(q.Confirm, env) {
			return first, err
		}
		second, err := t.Ask(ctx, "confirm "+text, echo)
		if err != nil || first == second {
			return first, err
		}
		if err := p.r.bus.emit(event.Message{Level: "note", Text: "***** VALUES ENTERED DO NOT MATCH ****"}); err != nil {
			return "", err
		}
	}
}

// echoes tells whether what is typed may be seen: only if private says no. One that cannot be evaluated is a mistake, not a no.
func echoes(q program.Prompt, env jinja.Env) (bool, error) {
	private, err := jinja.Resolve(q.Private, env)
	if _, omit := private.(value.Omit); err != nil || omit || private == nil {
		return false, err
	}
	if err := isBool(private); err != nil {
		return false, err
	}
	is, _ := module.ToBool(private) // as isBool has found
	return is == false, nil
}

func (p *playRun) notAsked() error {
	return p.r.bus.emit(event.Message{Level: "warning", Text: "Not prompting as we are not in interactive mode"})
}

// hashed makes the hash that encrypt names of an answer, with the filter that templates have for it.
func (p *playRun) hashed(answer string, q program.Prompt, env jinja.Env) (any, error) {
	kind, err := p.textIn(q.Encrypt, env)
	if err != nil || kind == "" {
		return answer, err
	}
	salt, err := jinja.Resolve(q.Salt, env)
	if err != nil {
		return nil, err
	}
	size, err := jinja.Resolve(q.SaltSize, env)
	if err != nil {
		return nil, err
	}
	t, mistakes := p.r.Lang.ParseExpr(jinja.Source{Text: "answer | password_hash(kind, salt, size)"})
	if err := mistakes.Err(); err != nil {
		return nil, err
	}
	return t.Eval(&overlay{under: env, local: value.NewMap("answer", answer, "kind", kind, "salt", salt, "size", size)})
}
