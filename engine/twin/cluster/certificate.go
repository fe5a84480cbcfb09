package cluster

// The cluster's certificate and the kubeconfig that trusts it.

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

type certificate struct {
	pair tls.Certificate
	pem  []byte
}

// makeCertificate makes a self-signed certificate for loopback.
func makeCertificate(now time.Time) (certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "twin cluster"},
		NotBefore: now.AddDate(-10, 0, 0), NotAfter: now.AddDate(10, 0, 0), // whoever connects has another clock than the twin
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return certificate{}, err
	}
	return certificate{
		pair: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
	}, nil
}

// Address is where the API listens: host:port.
func (c *Cluster) Address() string { return c.listen.Addr().String() }

// Kubeconfig is a kubeconfig for the cluster in the form of K3s' own.
func (c *Cluster) Kubeconfig() []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters:
- name: default
  cluster:
    server: https://%s
    certificate-authority-data: %s
users:
- name: default
  user:
    token: %s
contexts:
- name: default
  context: {cluster: default, user: default}
current-context: default
`, c.Address(), base64.StdEncoding.EncodeToString(c.cert.pem), c.token)
}
