<?php
// Runs before a Composer that was installed from Packagist: lends it the packages that Debian ships, found on
// PHP's include path, for those that the installation left out (see composers.ts).
foreach (['Seld/JsonLint', 'Seld/Signal', 'Composer/MetadataMinifier', 'Composer/Spdx'] as $package) {
    require_once $package . '/autoload.php';
}
