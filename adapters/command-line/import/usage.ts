export const IMPORT_USAGE = `Usage: bincard import FILE --url URL --sku COLUMN (--store COLUMN | --store-value TEXT)
                      (--quantity COLUMN | --quantity-value N) [options]

Sends the rows of FILE as stock movements to a running Bincard. FILE is CSV with a header line or NDJSON, plain or
gzip; - reads standard input. Values are taken as they are: nothing is trimmed, no case is folded. Each record's rows
are applied in the order of the file. An import can be stopped (Ctrl-C) and started again with the same command: it
goes on where it stopped and applies no row twice.

Where the values are
  --format csv|ndjson     when the name does not end in .csv, .ndjson, .jsonl (.gz); standard input is csv by default
  --store COLUMN          the store of a row          --store-value TEXT     one store for all rows
  --sku COLUMN            the SKU of a row
  --quantity COLUMN       the quantity of a row       --quantity-value N     one quantity for all rows
  --kind COLUMN           the kind of a row, with
  --kinds KIND=in|out|none,...   what a kind does: in adds the quantity, out takes it, none changes nothing;
                          a row of any other kind is refused. Without kinds every row is in
  --document COLUMN       goes with the movement as its reference
  --reason TEXT           goes with every movement as its reason

What makes a row or a group unique
  --key COLUMN            the idempotency key of a row; else keys are made of the file's content and the row number
                          (a group's is that of its first row)
  --key-prefix TEXT       keys are TEXT-<row number>; two imports with the same prefix are the same import
  --name TEXT             the prefix is made of this name; standard input needs --key, --key-prefix or --name

All or nothing
  --atomic --group-by COLUMN   all rows with the same value are applied together or not at all, at the place of the
                          first of them; the file is held in memory

Sending
  --url URL               where the service is, for example http://127.0.0.1:3000; given several times, servers that
                          write to one ledger, which take turns: one that is gone holds nothing up
  --batch-size N          movements in one request, 1 to 10000, default 500
  --concurrency N         requests at a time, 1 to 64, default 4
  --retries N             how often in a row a request is sent again after a network error or a 5xx, 0 to 1000,
                          default 10; a 429 or 503 with Retry-After is waited for and not counted

  BINCARD_API_KEY         in the environment: the key of a service that needs one, sent as X-API-Key; it is no option,
                          as others on the machine can see a command line. A 401 or 403 ends the import

Files it writes
  --refused FILE          each refused row with its reason, default FILE.refused.csv (import.refused.csv)
  --journal FILE          what was sent and answered, default FILE.journal.ndjson (import.journal.ndjson)
  --no-journal            keep none: a second run then relies on the server's memory of keys alone
  --restart               forget the journal and import the file anew, also what was applied before
  --summary-json FILE     the summary as JSON

Other
  --dry-run               read and check everything, contact no server
  --fail-on-refusal       exit 1 when a row was refused
  --help

Exit codes: 0 all rows answered (refused ones too, without --fail-on-refusal), 1 stopped or failed, 2 wrong usage.
`
