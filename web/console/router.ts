/** Which address shows which page; nobody enters without a session and a fitting role. */
import type { Pinia } from 'pinia'
import { createRouter, createWebHistory, type Router } from 'vue-router'

import { whenSignedOut } from './api/client'
import { ROOMS } from './rooms'
import { useSession, type Role } from './stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    roles?: Role[]
    title?: string
    open?: boolean
  }
}

export function makeRouter(pinia: Pinia): Router {
  const router = createRouter({
    history: createWebHistory('/console/'),
    routes: [
      { path: '/login', component: () => import('./pages/LoginPage.vue'), meta: { open: true, title: '登录' } },
      {
        path: '/',
        component: () => import('./layout/ConsoleShell.vue'),
        children: [
          { path: '', name: 'home', component: () => import('./pages/HomePage.vue') },
          { path: 'me', component: () => import('./pages/MyAccountPage.vue'), meta: { title: '我的账号' } },
          ...ROOMS.map((room) => ({
            path: room.path.slice(1),
            component: room.page as () => Promise<never>,
            meta: { roles: room.roles, title: room.title },
          })),
        ],
      },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  })
  router.beforeEach(async (to) => {
    const session = useSession(pinia)
    await session.restore()
    if (to.meta.open) return session.member ? '/' : true
    if (!session.member) return { path: '/login', query: to.path === '/' ? {} : { next: to.fullPath } }
    if (session.member.must_change_password && to.path !== '/me') return '/me'
    if (to.meta.roles && !session.has(...to.meta.roles)) return '/'
    return true
  })
  router.afterEach((to) => {
    document.title = to.meta.title ? `${to.meta.title} · 诺言工作台` : '诺言工作台'
  })
  whenSignedOut(() => {
    useSession(pinia).forget()
    void router.push('/login')
  })
  return router
}
