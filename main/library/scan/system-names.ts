/**
 * What systems and programs keep for themselves, as patterns of .gitignore: copies, previews and deleted photos that
 * nobody would count among theirs.
 */
export const systemNames: readonly string[] = [
  // Network storage: previews and bins of Synology, QNAP and others, snapshots, Samba's bin.
  ...['@eaDir/', '\\#recycle/', '\\#snapshot/', '@Recycle/', '@Recently-Snapshot/', '.@__thumb/', '@tmp/'],
  ...['SYNOPHOTO_THUMB*', 'SYNOFILE_THUMB*', '.snapshot/', '.snapshots/', '~snapshot/', '.zfs/', '.recycle/'],
  ...['@sharebin/', '@SynoResource', 'Network Recycle Bin*/', 'Recycle Bin/', 'trashbox/'],
  // Windows: bins, restore points, what a disk check rescued; previews and settings of folders.
  ...['$RECYCLE.BIN/', 'RECYCLER/', 'RECYCLED/', 'System Volume Information/', 'FOUND.[0-9][0-9][0-9]/'],
  ...['Thumbs.db', 'ehthumbs*.db', 'desktop.ini', 'AlbumArt_{*', 'AlbumArtSmall.jpg', 'ZbThumbnail.info'],
  // macOS: bins, indexes, backups, halves of files on foreign disks, packages that look like folders.
  ...[
    '.Trashes/',
    '.Trash/',
    '.Spotlight-V100/',
    '.fseventsd/',
    '.DocumentRevisions-V100/',
    '.TemporaryItems/',
  ],
  ...[
    '._*',
    '.DS_Store',
    '.AppleDouble/',
    '__MACOSX/',
    'Network Trash Folder/',
    'Temporary Items/',
    'Backups.backupdb/',
    '*.app/',
  ],
  // Linux and the desktops on it.
  ...['.Trash-*/', 'lost+found/', '.thumbnails/', '.cache/', '.dtrash/'],
  // Libraries and previews of photo and film programs.
  ...[
    '*.photoslibrary/',
    '*.photolibrary/',
    '*.migratedphotolibrary/',
    '*.aplibrary/',
    '*.photoboothlibrary/',
  ],
  ...[
    '*.imovielibrary/',
    '*.fcpbundle/',
    '*.tvlibrary/',
    '*.lrdata/',
    '*.lrcat-data/',
    '*.lrlibrary/',
    '*.cocatalog/',
  ],
  ...['CaptureOne/Cache/', '.picasaoriginals/', 'iPod Photo Cache/', 'appdata_*/'],
  // Synchronisation and programmers' tools.
  ...['.stversions/', '.stfolder/', '.dropbox.cache/', 'node_modules/', '__pycache__/', '.git/', '.svn/'],
];
