package run

import (
	"slices"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// hiddenWord stands for a secret in whatever leaves the run.
const hiddenWord = "********"

// secrets are the passwords that a run has come to know. They are taken out of every event before a sink sees it.
type secrets struct {
	mu    sync.Mutex
	words []string
}

// keep wraps the source of a password so that what it answers is known from then on.
func (s *secrets) keep(ask func() (string, error)) func() (string, error) {
	if ask == nil {
		return nil
	}
	return func() (string, error) {
		word, err := ask()
		s.add(word)
		return word, err
	}
}

// add makes a text a secret. Very short ones are left: hiding every "a" would hide the result, not the password.
func (s *secrets) add(word string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(word) >= 4 && !slices.Contains(s.words, word) {
		s.words = append(s.words, word)
	}
}

// clean takes the secrets out of an event.
func (s *secrets) clean(e event.Event) event.Event {
	s.mu.Lock()
	words := s.words
	s.mu.Unlock()
	if len(words) == 0 {
		return e
	}
	switch x := e.(type) {
	case event.HostResult:
		x.Task.Name = cleanText(x.Task.Name, words)
		x.Result, _ = cleanValue(x.Result, words).(*value.Map)
		x.ItemLabel = cleanValue(x.ItemLabel, words)
		x.Diff = slices.Clone(x.Diff)
		for i, d := range x.Diff {
			x.Diff[i].Before, x.Diff[i].After = cleanText(d.Before, words), cleanText(d.After, words)
			x.Diff[i].Prepared = cleanText(d.Prepared, words)
		}
		return x
	case event.Retry:
		x.Task.Name = cleanText(x.Task.Name, words)
		x.Result, _ = cleanValue(x.Result, words).(*value.Map)
		return x
	case event.HostProgress:
		x.Task.Name = cleanText(x.Task.Name, words)
		x.Message = cleanText(x.Message, words)
		return x
	case event.Held:
		x.Why = cleanText(x.Why, words)
		return x
	case event.Message:
		x.Text = cleanText(x.Text, words)
		return x
	case event.TaskStarted:
		x.Task.Name = cleanText(x.Task.Name, words)
		x.Args, _ = cleanValue(x.Args, words).(*value.Map)
		return x
	case event.ApplyStarted:
		x.Task.Name = cleanText(x.Task.Name, words)
		x.Note, _ = cleanValue(x.Note, words).(*value.Map)
		x.Disrupts = cleanText(x.Disrupts, words)
		return x
	case event.Gate:
		return cleanGate(x, words)
	case event.PackagesChanged:
		x.Task.Name = cleanText(x.Task.Name, words)
		return x
	case event.RunFinished:
		x.Error = cleanText(x.Error, words)
		return x
	case event.Included:
		x.Item = cleanValue(x.Item, words)
		return x
	case event.Stats:
		x.Custom, _ = cleanValue(x.Custom, words).(*value.Map)
		return x
	}
	return e
}

func cleanGate(g event.Gate, words []string) event.Gate {
	g.Task.Name, g.Disrupts = cleanText(g.Task.Name, words), cleanText(g.Disrupts, words)
	g.Evidence = slices.Clone(g.Evidence)
	for i := range g.Evidence {
		g.Evidence[i].Found = cleanText(g.Evidence[i].Found, words)
	}
	return g
}

func cleanText(s string, words []string) string {
	for _, w := range words {
		s = strings.ReplaceAll(s, w, hiddenWord)
	}
	return s
}

// cleanValue copies a value without the secrets; one that holds none is returned as it is.
func cleanValue(v any, words []string) any {
	switch x := v.(type) {
	case string:
		return cleanText(x, words)
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = cleanValue(item, words)
		}
		return out
	case *value.Map:
		if x == nil {
			return x
		}
		out := &value.Map{}
		for k, val := range x.All() {
			out.Set(k, cleanValue(val, words))
		}
		return out
	}
	return v
}
