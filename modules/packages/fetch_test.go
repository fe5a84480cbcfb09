package packages

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// A server whose certificate nobody has signed is believed only where the task says so.
func TestCertificatesAreCheckedUnlessTheTaskSaysOtherwise(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("no key at all")) }))
	t.Cleanup(server.Close)
	const distrust = "certificate signed by unknown authority"
	for _, c := range []struct {
		module module.Module
		key    string
		check  bool
		msg    string
	}{
		{AptKey, "url", true, distrust},
		{AptKey, "url", false, "Unable to extract key"},
		{RPMKey, "key", true, distrust},
		{RPMKey, "key", false, "Not a public key: " + server.URL},
	} {
		h := moduletest.NewHost(t)
		h.Command(t, "apt-key", "exit 0")
		h.Command(t, "gpg", "exit 2")
		plan, err := c.module.Plan(t.Context(), h.View(), value.NewMap(c.key, server.URL, "validate_certs", c.check))
		if err != nil {
			t.Fatal(err)
		}
		if r := plan.Result(); !r.Failed || !strings.Contains(r.Msg, c.msg) {
			t.Errorf("%s, validate_certs %v: %s, want %s", c.module.Spec().Name, c.check, value.Repr(r.Msg), c.msg)
		}
	}
}
