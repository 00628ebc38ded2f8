/** What the replay of the Online Retail movements must come to; see the data's own description. */
export interface Expectation {
  readonly opening: number
  readonly mode: 'rows' | 'invoices'
  readonly figures: Readonly<Record<string, number | string>>
}

export const PAIRS = 19_839

export const EXPECTATIONS: readonly Expectation[] = [
  {
    opening: 0,
    mode: 'rows',
    figures: {
      'rows read': 541_909,
      'applied sale': 26_656,
      'applied cancel': 9_288,
      'applied adjust': 1_219,
      'applied debt': 3,
      'refused sale': 503_487,
      'refused adjust': 1_256,
      'refused units sale': 5_465_732,
      'refused units adjust': 202_198,
      'closing total': 195_007,
      'pairs at 0': 18_322,
      'table hash': 'dd26a2c15dba61849024fcdd59190ed65767c9e0babdae695d22da8004ae9c6f'
    }
  },
  {
    opening: 100,
    mode: 'rows',
    figures: {
      'rows read': 541_909,
      'applied sale': 136_860,
      'applied cancel': 9_288,
      'applied adjust': 1_706,
      'applied debt': 3,
      'refused sale': 393_283,
      'refused adjust': 769,
      'refused units sale': 4_740_509,
      'refused units adjust': 194_934,
      'closing total': 1_446_420,
      'pairs at 0': 2_400,
      'table hash': '0e136db1710a0c65bd7719671b04b621b297a957737ef30f7b2a66f8afffc52e'
    }
  },
  {
    opening: 1000,
    mode: 'rows',
    figures: {
      'rows read': 541_909,
      'applied sale': 335_750,
      'applied cancel': 9_288,
      'applied adjust': 2_206,
      'applied debt': 3,
      'refused sale': 194_393,
      'refused adjust': 269,
      'refused units sale': 2_878_413,
      'refused units adjust': 149_051,
      'closing total': 17_393_541,
      'pairs at 0': 864,
      'table hash': '8ddaeff992b9425dd9b01bbe551333617763dd17a28e1966f8edea53c367f353'
    }
  },
  {
    opening: 100,
    mode: 'invoices',
    figures: {
      'rows read': 541_909,
      'groups applied': 9_515,
      'groups refused': 16_385,
      'rows applied': 51_274,
      'rows refused': 490_635,
      'closing total': 1_954_437,
      'table hash': 'beff2bc01b008cfdac3802450deb7b272c7decce7283755a91f1ff106608a6d4'
    }
  },
  {
    opening: 1000,
    mode: 'invoices',
    figures: {
      'rows read': 541_909,
      'groups applied': 13_913,
      'groups refused': 11_987,
      'rows applied': 127_626,
      'rows refused': 414_283,
      'closing total': 18_623_178,
      'table hash': '1ace74898cbba99af56863cae7e529b615420472f318114b9d7f2b497279f90d'
    }
  }
]
