export const EXPORT_USAGE = `Usage: bincard export stock [FOLDER] [--format csv|ndjson]
       bincard export events [FOLDER] [--from OFFSET]

Writes what the ledger in FOLDER holds to standard output; without FOLDER that of the service, in the folder that
LEDGER_URL or DATA_DIR names, or ./data. The folder is opened as by one more server: it may be used while servers and
workers run, and nothing of the stock is changed.

  stock     every record of every store, as all of them are at one moment, by store and SKU. qty is what can still be
            promised, reserved what open reservations hold, version and updatedAt are those of the record's newest
            event; products have a name and a price too
  events    every event that is kept, in order, as the feed gives it: one line of JSON each

  --format csv|ndjson     the form of the stock: CSV with a header line, or a line of JSON for each record; default csv
  --from OFFSET           only the events from this one on: one more than the offset of the last line of an earlier
                          export gives what has come since

Exit codes: 0 all is written, 1 stopped or failed, 2 wrong usage.
`
