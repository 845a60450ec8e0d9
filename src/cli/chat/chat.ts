import { Command } from 'commander';
import { limit } from '../parsing/arguments.ts';
import { refuseUnknown } from '../parsing/unknown-command.ts';
import type { LoginOptions } from './account.ts';
import type { CreateOptions, InviteOptions } from './circles.ts';
import type { Format } from './printing.ts';
import type { ReadOptions } from './reading.ts';
import type { WriteOptions } from './writing.ts';

const pageDefault = 20;

// What each does is loaded when it is asked for.
const account = () => import('./account.ts');
const circles = () => import('./circles.ts');

const command = (name: string, description: string): Command =>
  new Command(name).description(description).option('--json', 'print NDJSON');

const accountCommands = (): Command[] => [
  command('login', 'log in to a server, and keep the token for the other commands')
    .argument('<address>', 'of the server, such as https://chat.example.org')
    .option('--username <name>', 'do not ask for it')
    .option('--register', 'open a new account')
    .addHelpText(
      'after',
      `
The password is asked for. Without a terminal the lines of standard input are the username and the password, with
--username the password alone. The token is kept in oshi/chat.json in XDG_CONFIG_HOME, by default ~/.config; you
alone can read the file. OSHI_URL and OSHI_TOKEN go before it.`,
    )
    .action(async (address: string, options: LoginOptions) =>
      (await account()).logIn(address, options),
    ),
  new Command('logout')
    .description('end the session, and forget its token')
    .action(async () => (await account()).logOut()),
  command('whoami', 'show who is logged in, and where').action(async (options: Format) =>
    (await account()).whoAmI(options),
  ),
];

const circleCommands = (): Command[] => [
  command('circles', 'list your circles and direct conversations')
    .option('--public', 'list public circles, which everybody may join')
    .action(async (options: Format) => (await circles()).listCircles(options)),
  command('streams', 'list the streams of a circle')
    .argument('<circle>')
    .action(async (word: string, options: Format) => (await circles()).listStreams(word, options)),
  command('create', 'create a circle, or a stream in one')
    .argument('<name>')
    .option('--public', 'let everybody find and join it')
    .option('--about <text>', 'what it is about')
    .option('--in <circle>', 'create a stream in this circle')
    .action(async (name: string, options: CreateOptions) =>
      (await circles()).create(name, options),
    ),
  command('join', 'join a circle')
    .argument('<invite>', 'an invite code, its link, or the id of a public circle')
    // An invite code may begin as options do.
    .helpOption('--help', 'display help for command')
    .allowUnknownOption()
    .action(async (word: string, options: Format) => (await circles()).join(word, options)),
  command('invite', 'make an invite to a circle of yours')
    .argument('<circle>')
    .option('--uses <number>', 'how many people it lets in; else any number', limit)
    .action(async (word: string, options: InviteOptions) =>
      (await circles()).invite(word, options),
    ),
];

const messageCommands = (): Command[] => [
  command('read', 'print the newest messages of a stream')
    .argument('<place>', '<circle>, or <circle>/<stream>')
    .option('--follow', 'go on with what is written, until Ctrl-C')
    .option('--limit <number>', 'so many messages at most, up to 200', limit, pageDefault)
    .option('--before <number>', 'those before this message', limit)
    .option('--after <number>', 'those after this message', limit)
    .action(async (word: string, options: ReadOptions, self: Command) => {
      if (options.follow && (options.before ?? options.after) !== undefined) {
        self.error(
          'error: --follow begins with the newest messages: leave out --before and --after',
        );
      }
      await (await import('./reading.ts')).read(word, options);
    }),
  command('write', 'post a message')
    .argument('<place>', '<circle>, or <circle>/<stream>')
    .argument('[text...]', 'what it says; else standard input does')
    .option('--lines', 'post each line of standard input as a message of its own')
    .action(async (word: string, words: string[], options: WriteOptions) =>
      (await import('./writing.ts')).write(word, words, options),
    ),
];

/** `oshi chat`: a client on the command line, for any server. */
export const chatCommand = (): Command => {
  const chat = new Command('chat')
    .description('log in to a server; list, create and join circles; read and write')
    .usage('<command> [options]')
    .allowExcessArguments()
    .action((_options, self: Command) => {
      const [word] = self.args;
      return word === undefined ? self.help() : refuseUnknown(self, word);
    })
    .addHelpText(
      'after',
      `
Circles and streams are named by their name, by their id, or by how one of these begins; a direct conversation is
@<username>. Without a stream, the first one of the circle is meant. A message is posted exactly once, also if the
connection is cut meanwhile. Control characters in what others write are printed as escapes.

  oshi chat login http://127.0.0.1:8080
  oshi chat create Tea
  oshi chat write Tea 'Is anybody here?'
  oshi chat read Tea --follow
  make 2>&1 | oshi chat write ops/builds
  oshi chat read Tea --json | jq -r .text

Exit codes: 0 done; 1 it could not be done, as the last line says; 2 the command line was not understood.`,
    );
  for (const each of [...accountCommands(), ...circleCommands(), ...messageCommands()]) {
    chat.addCommand(each);
  }
  return chat;
};
