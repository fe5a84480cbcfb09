package value

// Vault is text encrypted by ansible-vault that has not been opened. It may be stored and passed on; whoever uses it must open it first.
type Vault struct {
	Cipher string
	Where  string // file:line:col
	By     Opener // nil: whoever uses it knows how
}

// Opener opens what is encrypted.
type Opener interface {
	// OpenVault returns the text; the error says what would be needed.
	OpenVault(v Vault) (string, error)
}

// TypeName is what Python programs would call it.
func (v Vault) TypeName() string { return "EncryptedString" }

// String keeps the cipher text out of messages.
func (v Vault) String() string { return "ENCRYPTED" }
