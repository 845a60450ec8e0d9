import { expect, test } from 'vitest';
import { RouteTable } from '../../../src/http/route-table.ts';

const table = new RouteTable();
table.add('GET', '/v1/circles');
table.add('PUT', '/v1/circles/:id');
table.add(['GET', 'HEAD'], '/v1/circles/:id');
table.add('DELETE', '/v1/circles/:circle/members/me');
table.add('DELETE', '/v1/circles/:circle/members/:user');
table.add('GET', '/openapi.json');

test.for([
  ['/v1/circles', ['GET']],
  ['/v1/circles/abc', ['GET', 'HEAD', 'PUT']],
  ['/v1/circles/abc/members/me', ['DELETE']],
  ['/v1/circles/abc/members/def', ['DELETE']],
  ['/openapi.json', ['GET']],
  ['/openapiXjson', []],
  ['/v1/circles/', []],
  ['/v1/circles/abc/def', []],
  ['/V1/circles', []],
  ['', []],
] as const)('at %j the methods are %j', ([path, methods]) => {
  expect(table.methodsAt(path)).toEqual(methods);
});
