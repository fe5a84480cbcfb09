package run

import (
	"sync"

	"github.com/drydock-dev/drydock/engine/event"
)

// bus hands events to the sink one at a time. The first error stays: after it nothing more is emitted and every caller is
// told, so that no change follows an event that could not be kept. Secrets are taken out on the way.
type bus struct {
	mu      sync.Mutex
	sink    event.Sink
	err     error
	secrets secrets
	told    map[string]bool // warnings that are not to be repeated
}

func (b *bus) emit(events ...event.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range events {
		if b.err != nil {
			break
		}
		b.err = b.sink.Emit(b.secrets.clean(e))
	}
	return b.err
}

// warn tells of a warning, once in a run.
func (b *bus) warn(text string) error {
	b.mu.Lock()
	known := b.told[text]
	if b.told == nil {
		b.told = map[string]bool{}
	}
	b.told[text] = true
	b.mu.Unlock()
	if known {
		return nil
	}
	return b.emit(event.Message{Level: "warning", Text: text})
}
