/** Line icons on a 24 × 24 grid, drawn with a stroke. */
export const PATHS = {
  chat: 'M4 5h16a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-9l-4 4v-4H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM8 11h.01M12 11h.01M16 11h.01',
  close: 'M6 6l12 12M18 6L6 18',
  more: 'M12 5h.01M12 12h.01M12 19h.01',
  send: 'M12 20V5M5 12l7-7 7 7',
  headset: 'M4 14v-2a8 8 0 0 1 16 0v7q0 2-4 2M4 13h3v6H6a2 2 0 0 1-2-2ZM20 13h-3v6h3',
  up: 'M7 10l4-7q3 1 2 6h6a2 2 0 0 1 2 2l-2 7q0 2-2 2H7M7 10v10H3V10Z',
  down: 'M17 14l-4 7q-3-1-2-6H5a2 2 0 0 1-2-2l2-7q0-2 2-2h10M17 14V4h4v10Z',
  book: 'M12 6Q9 4 4 5v13q5-1 8 1 3-2 8-1V5q-5-1-8 1ZM12 6v13',
  check: 'M5 12l5 5 9-10',
  back: 'M19 12H5M12 5l-7 7 7 7',
  star: 'M12 3l2.8 5.7 6.2.9-4.5 4.4 1.1 6.2L12 17.3l-5.6 2.9 1.1-6.2L3 9.6l6.2-.9Z',
  file: 'M7 3h7l5 5v12a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1ZM14 3v5h5',
  arrowDown: 'M6 9l6 6 6-6',
  alert: 'M12 4L3 20h18ZM12 10v5M12 17h.01',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 11v5M12 8h.01',
  offline: 'M4 4l16 16M9 15q3-2 6 0M5 12q2-2 4-2M19 12q-2-2-5-3M12 19h.01',
} as const

export type IconName = keyof typeof PATHS
