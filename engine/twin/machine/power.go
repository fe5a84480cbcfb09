package machine

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// The faults and the power switch: what a test does to the machine while a client is using it.

// Drop resets all connections, as a crash or a firewall does. Commands running on them are ended.
func (m *Machine) Drop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for w := range m.conns {
		w.reset()
	}
}

// PowerOff drops all connections and refuses new ones until PowerOn.
func (m *Machine) PowerOff() {
	m.mu.Lock()
	if m.listener != nil {
		_ = m.listener.Close() // the only error is that it is closed already
		m.listener = nil
	}
	m.mu.Unlock()
	m.Drop()
}

// PowerOn boots: the boot id is another one, connections are accepted. On a machine that runs it does nothing.
func (m *Machine) PowerOn() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listener != nil || m.ctx.Err() != nil {
		return m.ctx.Err()
	}
	l, err := m.port.listen(m.ctx)
	if err != nil {
		return fmt.Errorf("power on: %w", err)
	}
	m.listener = l
	m.boots++
	m.bootID = newBootID()
	m.wg.Go(func() { m.serve(l) })
	return nil
}

// Reboot turns the power off and, when up is closed, on again; a nil channel means at once. It does not wait for it.
func (m *Machine) Reboot(up <-chan struct{}) {
	m.PowerOff()
	if up == nil {
		_ = m.PowerOn() // fails only when the machine is being closed
		return
	}
	m.wg.Go(func() {
		select {
		case <-up:
			_ = m.PowerOn()
		case <-m.ctx.Done():
		}
	})
}

// BootID is what /proc/sys/kernel/random/boot_id would hold.
func (m *Machine) BootID() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bootID
}

// Boots counts how often the power came on; a new machine has one.
func (m *Machine) Boots() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.boots
}

// Silence lets everything stand that is on the wire: nothing is read, nothing answered, nothing closed, as when a cable is cut.
func (m *Machine) Silence() { m.hush.set(true) }

// Unsilence plugs the cable in again.
func (m *Machine) Unsilence() { m.hush.set(false) }

// ChangeHostKey gives the machine a new host key, as a reinstallation does. Connections that stand are left alone.
func (m *Machine) ChangeHostKey() {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // rand.Reader does not fail
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		panic(err) // an ed25519 key is always a signer
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hostKey = signer
}

// newBootID makes a random UUID.
func newBootID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
