package value

// Vault is text encrypted by ansible-vault that has not been opened. Using it is an error that names Where.
type Vault struct {
	Cipher string
	Where  string // file:line:col
}
