/**
 * Loaded before a program (`--import <this file>`): its process ids seem to be those of another machine, so that nobody
 * asks this one whether it still runs.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { readlinkSync } = fs;
fs.readlinkSync = (path, ...more) =>
  path === '/proc/self/ns/pid' ? `pid:[${process.pid}]` : readlinkSync(path, ...more);
syncBuiltinESMExports();
