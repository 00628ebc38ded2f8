/** The element with the id, which index.html has. */
export function byId(id) {
  return document.getElementById(id)
}

/** A new element with a text, which stays a text whatever is in it. */
export function element(name, { className = '', text = '' } = {}) {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  return made
}

/** Sets a text where it is another: what does not change is not announced, selected text stays selected. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text
}

const wholeNumber = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export function number(value) {
  return wholeNumber.format(value)
}

export function counted(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** The time of day of an instant, in the zone of the reader; with the date where that is not today's. */
export function timeOf(instant) {
  const date = new Date(instant)
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday ? clock.format(date) : `${instant.slice(0, 10)} ${clock.format(date).slice(0, 5)}`
}
