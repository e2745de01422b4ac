/** The rooms of the console: where each stands in the menu, which roles it is for, which page shows it. */
import type { Component } from 'vue'
import { ChatLineSquare, Headset, Monitor, Tickets, User } from '@element-plus/icons-vue'

import type { Role } from './stores/session'

export interface Room {
  path: string
  title: string
  icon: Component
  roles: Role[]
  page: () => Promise<unknown>
}

/** In the order of the menu; the first room that a person may enter is the home page. */
export const ROOMS: Room[] = [
  {
    path: '/desk',
    title: '接待台',
    icon: Headset,
    roles: ['agent', 'supervisor'],
    page: () => import('./pages/DeskPage.vue'),
  },
  {
    path: '/board',
    title: '实时看板',
    icon: Monitor,
    roles: ['supervisor', 'auditor', 'admin'],
    page: () => import('./pages/BoardPage.vue'),
  },
  {
    path: '/cases',
    title: '工单',
    icon: Tickets,
    roles: ['agent', 'supervisor', 'admin', 'auditor'],
    page: () => import('./pages/CasesPage.vue'),
  },
  {
    path: '/phrases',
    title: '常用语与话术',
    icon: ChatLineSquare,
    roles: ['supervisor', 'admin'],
    page: () => import('./pages/PhrasesPage.vue'),
  },
  {
    path: '/accounts',
    title: '人员管理',
    icon: User,
    roles: ['supervisor', 'admin'],
    page: () => import('./pages/AccountsPage.vue'),
  },
]
