# unit act
# Runs commands in order and stops at the first that fails, after "@@ failed" and its number. Each argument is a command.
number=0
for command; do
	sh -c "$command" || { rc=$?; printf '@@ failed\n%s\n' $number; exit $rc; }
	number=$((number + 1))
done
