import type { FastifyInstance } from 'fastify';
import { announcedLimits } from '../../app/limits/announced.ts';
import type { RegistrationMode } from '../../app/sessions/admission.ts';
import { version } from '../../app/version.ts';
import * as objects from '../../app/views/objects.ts';
import { describesServer } from '../description/route.ts';

export type AboutServerDeps = {
  readonly name: string;
  readonly registration: RegistrationMode;
  /** The maximum length of a message, in code points. */
  readonly textMax: number;
};

const about = describesServer({
  id: 'get-server',
  summary: 'The name of the server, its limits, and who may register.',
  answers: { 200: objects.Server },
});

/** What clients need to know before they log in. */
export const aboutServerRoutes = (app: FastifyInstance, deps: AboutServerDeps): void => {
  const { name, registration, textMax } = deps;
  app.get('/v1/server', about, async () => ({
    name,
    version,
    registration,
    login: ['password'],
    limits: announcedLimits(textMax),
  }));
};
