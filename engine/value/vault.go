package value

// Vault is text encrypted by ansible-vault that has not been opened. It may be stored and passed on; using it is an error.
type Vault struct {
	Cipher string
	Where  string // file:line:col
}

// TypeName is what Python programs would call it.
func (v Vault) TypeName() string { return "EncryptedString" }

// String keeps the cipher text out of messages.
func (v Vault) String() string { return "ENCRYPTED" }
