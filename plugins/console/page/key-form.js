import { useKey } from './api.js'
import { byId, setText } from './elements.js'

const note = byId('key-note').textContent

/** Asks for a key, and resolves when one was given: it is handed on and forgotten here. */
export function askForKey(isRefused) {
  const section = byId('key-section')
  const input = byId('key')
  setText(byId('key-note'), isRefused ? `The service does not know this key. ${note}` : note)
  byId('forget-key').hidden = true
  section.hidden = false
  input.focus()
  return new Promise((resolve) => {
    byId('key-form').onsubmit = (event) => {
      event.preventDefault()
      const key = input.value.trim()
      input.value = ''
      // Others cannot be sent in a header, and no key has them.
      if (!/^[!-~]+$/.test(key)) {
        setText(byId('key-note'), `A key has no spaces, and only ASCII characters. ${note}`)
        return
      }
      section.hidden = true
      byId('forget-key').hidden = false
      useKey(key)
      resolve()
    }
  })
}
