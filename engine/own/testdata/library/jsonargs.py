#!/usr/bin/python3
import json
args = json.loads(r'''<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>''')
print(json.dumps({"changed": False, "got": args.get("a"), "keys": sorted(args)}))
