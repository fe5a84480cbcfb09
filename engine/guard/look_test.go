package guard

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestReadShown(t *testing.T) {
	got := readShown(`@@ trace
/etc/systemd/system/k3s.service
/var/lib/rancher/k3s
@@ server
yes
@@ hostname
node-a

@@ name
node-a.example.org

@@ machine
0123

@@ boot
b-1

@@ btime
1700000000
@@ kubelet
` + kubeletCertificate(t, "system:node:worker-9") + `
@@ routes
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.0.0.0
        /24 link UNICAST
     |-- 10.0.0.7
        /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
@@ inet6
fd000000000000000000000000000007 02 40 00 80     eth0
fe800000000000000000000000000007 02 40 20 80     eth0
@@ mounts
/var/lib/kubelet/pods/x/volumes/kubernetes.io~csi/pvc-1/mount
@@ sessions
iqn.2019-10.io.longhorn:pvc-1
iqn.2004-10.com.other:disk
@@ end
`)
	want := shown{
		heard: true, trace: []string{"/etc/systemd/system/k3s.service", "/var/lib/rancher/k3s"}, server: true, names: []string{"node-a", "node-a.example.org"},
		machine: "0123", boot: kube.Boot{ID: "b-1", At: time.Unix(1700000000, 0)}, kubelet: "worker-9", addrs: []string{"10.0.0.7", "fd00::7"},
		mounts: []string{"/var/lib/kubelet/pods/x/volumes/kubernetes.io~csi/pvc-1/mount"}, sessions: []string{"iqn.2019-10.io.longhorn:pvc-1"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if f := got.mounted("n1", false); len(f) != 1 || f[0].Grade != kube.Broken || !strings.Contains(f[0].Found, "mount /var/lib/kubelet") || !strings.Contains(f[0].Found, "iSCSI session iqn.2019") {
		t.Errorf("%+v", f)
	}
	if f := (shown{}).mounted("n1", true); len(f) != 1 || f[0].Grade != kube.Broken {
		t.Errorf("a host that says nothing has nothing mounted: %+v", f)
	}
	if f := (shown{heard: true}).mounted("n1", true); f != nil {
		t.Errorf("%+v", f)
	}
}

// kubeletCertificate is one as K3s writes it for a kubelet.
func kubeletCertificate(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, Organization: []string{"system:nodes"}}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// TestProbeRuns runs the probe with the shells that are here: it ends well and says that it has ended, whatever the machine is.
func TestProbeRuns(t *testing.T) {
	for _, shell := range [][]string{{"sh"}, {"dash"}, {"busybox", "sh"}} {
		if _, err := exec.LookPath(shell[0]); err != nil {
			continue
		}
		h := moduletest.NewHost(t)
		h.Shell = shell
		out, err := h.Query(t.Context(), module.Cmd{Script: probe})
		if err != nil || out.Rc != 0 || out.Stderr != "" || !strings.Contains(out.Stdout, "@@ end") {
			t.Errorf("%v: %v, %+v", shell, err, out)
		}
		s := readShown(out.Stdout)
		if _, err := os.Stat("/proc/stat"); err == nil && (s.boot.ID == "" || s.boot.At.IsZero()) { // Linux
			t.Errorf("%v: it does not know the boot: %+v", shell, s)
		}
	}
}
