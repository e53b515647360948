package dev.lim;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.context.ApplicationListener;

/**
 * Lets a plain {@code java -jar} use the Vector API. A JVM resolves its modules before any of our
 * code runs, so once the settings are known and before anything is opened, the process replaces its
 * program, by {@code execv}, with the same Java, options and arguments and the missing flag. It
 * stays the same process: its id, terminal, environment, signals and exit status are what whoever
 * started it sees.
 *
 * <p>Only where nothing else was said: {@code lim.scoring.kernel} is {@code auto}, our jar was
 * started by {@code -jar}, this Java has the module, and the system is Linux, whose {@code /proc}
 * tells the command line word by word. Elsewhere, or if it fails, scoring goes on in plain Java.
 */
final class VectorRestart implements ApplicationListener<ApplicationEnvironmentPreparedEvent> {

  private static final String MODULE = "jdk.incubator.vector";
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final String PROGRAM = "/proc/self/exe";
  private static final Logger LOG = LoggerFactory.getLogger(VectorRestart.class);

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    String kernel = event.getEnvironment().getProperty("lim.scoring.kernel", "auto");
    if (kernel.equals("auto")
        && ModuleLayer.boot().findModule(MODULE).isEmpty()
        && ModuleFinder.ofSystem().find(MODULE).isPresent()
        && Files.isReadable(COMMAND_LINE)) {
      restart();
    }
  }

  private static void restart() {
    try {
      List<String> command = commandLine();
      String flag = "--add-modules=" + MODULE;
      // A Java that was told so and still lacks the module would be started again for ever.
      if (command.contains("-jar") && !command.contains(flag) && startsOurs()) {
        command.add(1, flag);
        System.out.flush();
        execute(command);
        LOG.debug("execv refused {}", command);
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("Not started again", e);
    }
  }

  /** This process's program and arguments, as it was started. */
  private static List<String> commandLine() throws IOException {
    String words = Files.readString(COMMAND_LINE, StandardCharsets.ISO_8859_1);
    List<String> command = new ArrayList<>(List.of(words.split("\0", -1)));
    command.removeLast();
    return command;
  }

  /** Whether the class path is one jar, and its main class ours. */
  private static boolean startsOurs() throws IOException {
    File jar = new File(System.getProperty("java.class.path"));
    if (!jar.isFile()) {
      return false;
    }
    try (JarFile opened = new JarFile(jar)) {
      Manifest manifest = opened.getManifest();
      String ours = LimServer.class.getName();
      return manifest != null
          && (ours.equals(manifest.getMainAttributes().getValue("Start-Class"))
              || ours.equals(manifest.getMainAttributes().getValue("Main-Class")));
    }
  }

  /** Returns only if the system refuses. */
  private static void execute(List<String> command) {
    Linker linker = Linker.nativeLinker();
    MethodHandle execv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("execv"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment arguments = arena.allocate(ValueLayout.ADDRESS, command.size() + 1L);
      for (int i = 0; i < command.size(); i++) {
        // The bytes that were read, whatever their encoding is.
        MemorySegment word = arena.allocateFrom(command.get(i), StandardCharsets.ISO_8859_1);
        arguments.setAtIndex(ValueLayout.ADDRESS, i, word);
      }
      int _ = (int) execv.invokeExact(arena.allocateFrom(PROGRAM), arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("execv", e);
    }
  }
}
