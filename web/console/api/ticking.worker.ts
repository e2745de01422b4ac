/** Ticks in a thread of its own: a page in the background would be slowed down and its agent taken for gone. */
setInterval(() => postMessage(null), 10_000)
