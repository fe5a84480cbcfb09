package system

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/value"
)

// The files are those of the distributions' releases, cut to the lines that count.
func TestDistribution(t *testing.T) {
	for _, c := range []struct{ name, files, want string }{
		{"Debian 12", "@@ os-release\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n" +
			"VERSION_CODENAME=bookworm\nID=debian\n@@ debian_version\n12.5\n", "Debian 12.5 12 bookworm Debian /etc/os-release Debian minor=5"},
		{"Debian testing", "@@ os-release\nNAME=\"Debian GNU/Linux\"\nVERSION_CODENAME=trixie\nID=debian\n@@ debian_version\ntrixie/sid\n",
			"Debian trixie trixie trixie Debian /etc/os-release Debian"},
		{"Ubuntu 24.04", "@@ os-release\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nVERSION=\"24.04.1 LTS (Noble Numbat)\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n" +
			"@@ debian_version\ntrixie/sid\n@@ lsb-release\nDISTRIB_ID=Ubuntu\n", "Ubuntu 24.04 24 noble Debian /etc/os-release Debian"},
		{"Raspberry Pi OS, 32 bits", "@@ os-release\nNAME=\"Raspbian GNU/Linux\"\nVERSION_ID=\"11\"\nVERSION=\"11 (bullseye)\"\nVERSION_CODENAME=bullseye\nID=raspbian\nID_LIKE=debian\n" +
			"@@ debian_version\n11.9\n", "Debian 11.9 11 bullseye Debian /etc/os-release Debian minor=9"},
		{"Linux Mint", "@@ os-release\nNAME=\"Linux Mint\"\nVERSION_ID=\"21.3\"\nVERSION_CODENAME=virginia\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
			"Linux Mint 21.3 21 virginia Debian /etc/os-release Debian"},
		{"Rocky 9", "@@ os-release\nNAME=\"Rocky Linux\"\nVERSION_ID=\"9.4\"\nID=\"rocky\"\n@@ redhat-release\nRocky Linux release 9.4 (Blue Onyx)\n",
			"Rocky 9.4 9 Blue Onyx RedHat /etc/redhat-release RedHat"},
		{"Alma 9", "@@ os-release\nID=\"almalinux\"\n@@ redhat-release\nAlmaLinux release 9.3 (Shamrock Pampas Cat)\n",
			"AlmaLinux 9.3 9 Shamrock Pampas Cat RedHat /etc/redhat-release RedHat"},
		{"RHEL 8", "@@ redhat-release\nRed Hat Enterprise Linux release 8.9 (Ootpa)\n", "RedHat 8.9 8 Ootpa RedHat /etc/redhat-release RedHat"},
		{"RHEL 7", "@@ redhat-release\nRed Hat Enterprise Linux Server release 7.9 (Maipo)\n", "RedHat 7.9 7 Maipo RedHat /etc/redhat-release RedHat"},
		{"CentOS 7", "@@ redhat-release\nCentOS Linux release 7.9.2009 (Core)\n", "CentOS 7.9.2009 7 Core RedHat /etc/redhat-release RedHat"},
		{"CentOS Stream", "@@ redhat-release\nCentOS Stream release 9\n", "CentOS 9 9 Stream RedHat /etc/redhat-release RedHat"},
		{"Fedora", "@@ os-release\nNAME=\"Fedora Linux\"\nVERSION_ID=40\nVERSION_CODENAME=\"\"\nID=fedora\n@@ redhat-release\nFedora release 40 (Forty)\n",
			"Fedora 40 40  RedHat /etc/redhat-release RedHat"},
		{"Oracle", "@@ oracle-release\nOracle Linux Server release 9.3\n@@ redhat-release\nRed Hat Enterprise Linux release 9.3 (Plow)\n",
			"OracleLinux 9.3 9 NA RedHat /etc/oracle-release OracleLinux"},
		{"Amazon 2023", "@@ os-release\nNAME=\"Amazon Linux\"\nVERSION_ID=\"2023\"\nID=\"amzn\"\n@@ system-release\nAmazon Linux release 2023.4 (Amazon Linux)\n",
			"Amazon 2023 2023 NA RedHat /etc/os-release Amazon"},
		{"Alpine", "@@ os-release\nNAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.19.1\n@@ alpine-release\n3.19.1\n", "Alpine 3.19.1 3 NA Alpine /etc/alpine-release Alpine"},
		{"SLES", "@@ os-release\nNAME=\"SLES\"\nVERSION=\"15-SP5\"\nVERSION_ID=\"15.5\"\nID=\"sles\"\nID_LIKE=\"suse\"\n", "SLES 15.5 15 5 Suse /etc/os-release SUSE"},
		{"openSUSE Leap", "@@ os-release\nNAME=\"openSUSE Leap\"\nVERSION_ID=\"15.5\"\nID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n",
			"openSUSE Leap 15.5 15 5 Suse /etc/os-release SUSE"},
		{"Arch", "@@ os-release\nNAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n@@ arch-release\n\n", "Archlinux rolling rolling NA Archlinux /etc/arch-release Archlinux"},
		{"Flatcar", "@@ os-release\nNAME=\"Flatcar Container Linux by Kinvolk\"\nID=flatcar\nVERSION_ID=3815.2.0\n",
			"Flatcar 3815.2.0 3815 NA Flatcar /etc/os-release Flatcar"},
		{"one that nobody knows", "@@ os-release\nNAME=\"Void\"\nID=void\n", "Void NA NA NA Void /etc/os-release Void"},
		{"nothing at all", "", "Linux NA NA NA Linux None None"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := readFacts(c.files, []string{groupDistribution})
			got := ""
			for _, key := range []string{"", "_version", "_major_version", "_release"} {
				got += value.Str(f.Value("ansible_distribution"+key)) + " "
			}
			got += value.Str(f.Value("ansible_os_family")) + " " + value.Str(f.Value("ansible_distribution_file_path")) + " " +
				value.Str(f.Value("ansible_distribution_file_variety"))
			if minor, ok := f.Get("ansible_distribution_minor_version"); ok {
				got += " minor=" + value.Str(minor)
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
